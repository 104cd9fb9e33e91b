"""An S3 server as a process of its own (moto's): it checks every signature, and lists three objects a page.

`python -m tests.contracts.s3_server` prints its port.
"""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config

PAGE = 3
REGION = "eu-central-1"
_ROOT = Path(__file__).parents[2]
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_ALL_OF_S3 = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
)


class S3Server:
    """A context manager. `keys`: the access key and its secret by which everything is allowed."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.contracts.s3_server"],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"MOTO_S3_DEFAULT_MAX_KEYS": str(PAGE)},
        )
        assert self._process.stdout is not None
        word, _, port = self._process.stdout.readline().strip().partition(" ")
        assert word == "listening", "the S3 server did not start"
        self.origin = f"http://127.0.0.1:{port}"
        iam = self._client("iam", "anybody", "nothing")
        iam.create_user(UserName="kbchat")
        iam.put_user_policy(UserName="kbchat", PolicyName="all", PolicyDocument=_ALL_OF_S3)
        made = iam.create_access_key(UserName="kbchat")["AccessKey"]
        self.keys = {"access_key": made["AccessKeyId"], "secret_key": made["SecretAccessKey"]}
        # From now on nobody is let in without a right signature.
        closing = urllib.request.Request(  # noqa: S310 (our own server)
            f"{self.origin}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}
        )
        _DIRECTLY.open(closing, timeout=10).close()
        self.client = self._client("s3", *self.keys.values())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def bucket(self, name: str, **objects: bytes) -> None:
        """A new one, with these objects."""
        self.client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        for key, content in objects.items():
            self.put(name, key, content)

    def put(self, bucket: str, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=bucket, Key=key, Body=content)

    def remove(self, bucket: str, key: str) -> None:
        self.client.delete_object(Bucket=bucket, Key=key)

    def place(self, bucket: str, **more: str) -> dict[str, str]:
        """Where a source finds it."""
        return {"endpoint": self.origin, "bucket": bucket, "region": REGION} | self.keys | more

    def _client(self, service: str, key: str, secret: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.origin,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, proxies={}),
        )


def main() -> None:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    serving = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    sys.stdout.write(f"listening {serving.port}\n")
    sys.stdout.flush()
    serving.serve_forever()


if __name__ == "__main__":
    main()
