"""MiniLM's published weights in our BERT: the reference's vectors."""

import pytest
import torch
from tokenizers import Tokenizer

from tests.published import tf
from transformer_course import datasets, pretrained
from transformer_course.bert import BERT, BERTConfig, sentence_vectors


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("minilm")
    for name, content in datasets.load_minilm_files().items():
        path = home / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return home


@pytest.fixture(scope="module")
def batch(folder):
    """Give 100 sentences as ids and their mask of real tokens."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding()
    reviews = datasets.load_film_reviews("test")[:100]
    coded = tokenizer.encode_batch([review.text for review in reviews])
    token_ids = torch.tensor([one.ids for one in coded])
    real = torch.tensor([one.attention_mask for one in coded]).bool()
    assert not real.all()
    return token_ids, real


def mean_pooled(hidden, real):
    """As the published pooling does it, in its own words."""
    weights = real.unsqueeze(-1).expand(hidden.size()).float()
    summed = torch.sum(hidden * weights, 1)
    mean = summed / torch.clamp(weights.sum(1), min=1e-9)
    return torch.nn.functional.normalize(mean, p=2, dim=1)


def test_sentence_vectors_equal_the_references(folder, batch):
    token_ids, real = batch
    ours = pretrained.load(folder)
    assert type(ours) is BERT
    assert ours.config == BERTConfig(30_522, 384, 12, 1536, 6)
    theirs = tf.BertModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        mine = ours(token_ids, real)
        other = theirs(token_ids, attention_mask=real.long())
    torch.testing.assert_close(
        sentence_vectors(mine.hidden, real),
        mean_pooled(other.last_hidden_state, real),
        atol=1e-5,
        rtol=0,
    )
    torch.testing.assert_close(
        mine.pooled, other.pooler_output, atol=1e-5, rtol=0
    )


def test_one_by_one_they_are_the_same(folder, batch):
    token_ids, real = batch
    model = pretrained.load(folder)
    with torch.inference_mode():
        together = sentence_vectors(model(token_ids, real).hidden, real)
        for row in (0, 41, 99):
            alone = token_ids[row, real[row]][None]
            vector = sentence_vectors(
                model(alone).hidden, torch.ones_like(alone).bool()
            )
            torch.testing.assert_close(
                vector[0], together[row], atol=1e-5, rtol=0
            )
