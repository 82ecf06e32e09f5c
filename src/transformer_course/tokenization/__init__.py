"""Text to ids and back: words, characters, byte-level BPE, WordPiece."""
