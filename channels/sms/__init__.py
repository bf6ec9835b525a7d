"""SMS through Aliyun and Tencent: one whole channel."""
