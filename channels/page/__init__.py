"""The tenant H5 page behind the one-click link: one whole channel."""
