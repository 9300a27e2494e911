#!/usr/bin/env python3
"""Makes a bucket and puts all files of a folder into it: fill_bucket.py FOLDER BUCKET

The server is the one of scripts/with-s3.sh. boto3 is there because moto is made of it.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3


def main():
    folder, bucket = Path(sys.argv[1]), sys.argv[2]
    store = boto3.client(
        "s3",
        endpoint_url=os.environ["H5SCOUT_TEST_S3"],
        aws_access_key_id=os.environ["S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["S3_SECRET_KEY"],
        region_name="us-east-1",
    )
    store.create_bucket(Bucket=bucket)
    files = [path for path in folder.rglob("*") if path.is_file()]
    with ThreadPoolExecutor(8) as threads:
        keys = [path.relative_to(folder).as_posix() for path in files]
        done = threads.map(lambda path, key: store.upload_file(str(path), bucket, key), files, keys)
        print(f"{len(list(done))} files in s3://{bucket}")


main()
