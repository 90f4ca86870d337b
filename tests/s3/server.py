"""An S3 server in memory, which believes only signed requests. It says on its first line where it is and with which keys; then it answers what is asked on its input,
a line of JSON for each. Given the files of a certificate and its key, it speaks TLS."""

import base64
import json
import logging
import os
import sys
import threading

# Whoever makes the user, its key and what it may do has none yet.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "3"

from urllib.parse import parse_qsl, quote, urlencode  # noqa: E402

import boto3  # noqa: E402
from moto.iam.access_control import IAMRequestBase  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402


def signed(request, make=IAMRequestBase._create_aws_request):
    """The server unpacks queries before it signs them again, so that even Amazon's own client is refused where there is a slash in one."""
    path, mark, query = request._path.partition("?")
    request._path = path + mark + urlencode(parse_qsl(query, keep_blank_values=True), quote_via=quote, safe="-_.~")
    return make(request)


IAMRequestBase._create_aws_request = signed
logging.getLogger("werkzeug").setLevel(logging.ERROR)
tls = tuple(sys.argv[1:])
server = make_server(
    "127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True, ssl_context=tls or None
)
threading.Thread(target=server.serve_forever, daemon=True).start()
endpoint = "%s://127.0.0.1:%d" % ("https" if tls else "http", server.server_port)


def client(service, key, secret):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        verify=tls[0] if tls else None,
    )


iam = client("iam", "nobody", "nothing")
iam.create_user(UserName="candor")
key = iam.create_access_key(UserName="candor")["AccessKey"]
everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
iam.put_user_policy(UserName="candor", PolicyName="all", PolicyDocument=json.dumps(everything))
s3 = client("s3", key["AccessKeyId"], key["SecretAccessKey"])


def say(what):
    print(json.dumps(what), flush=True)


def objects(bucket):
    read = {}
    for of in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        try:
            content = s3.get_object(Bucket=bucket, Key=of["Key"])["Body"].read()
        except s3.exceptions.NoSuchKey:
            # It was removed this very moment.
            continue
        read[of["Key"]] = base64.b64encode(content).decode()
    return read


say({"endpoint": endpoint, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"]})
for line in sys.stdin:
    word, bucket, *rest = line.split()
    if word == "make":
        s3.create_bucket(Bucket=bucket)
        say(True)
    elif word == "keep-versions":
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        say(True)
    elif word == "begin-upload":
        begun = s3.create_multipart_upload(Bucket=bucket, Key=rest[0])
        s3.upload_part(Bucket=bucket, Key=rest[0], PartNumber=1, UploadId=begun["UploadId"], Body=rest[1].encode())
        say(True)
    elif word == "uploads":
        say([of["Key"] for of in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])])
    elif word == "holds":
        say(any(bytes.fromhex(rest[0]) in base64.b64decode(content) for content in objects(bucket).values()))
    elif word == "objects":
        say(objects(bucket))
