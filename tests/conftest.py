"""What every test shares: one thread, no progress bars, no screen."""

import os

import matplotlib as mpl

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TQDM_DISABLE", "1")
# Not MPLBACKEND: the notebooks' kernels would inherit it, and draw nothing.
mpl.use("agg")
