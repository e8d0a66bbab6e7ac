"""The SAM CLI with one thing of its local HTTP API put right. API Gateway stamps a request with the milliseconds of its
arrival (requestContext.timeEpoch); SAM 1.164.0 stamps every request with the seconds of its own start, which our functions,
who go by that clock, take for January 1970."""

import sys
from time import time_ns

from samcli.cli.main import cli
from samcli.local.events.api_event import RequestContextV2

stamped_by_sam = RequestContextV2.to_dict


def to_dict(self):
    context = stamped_by_sam(self)
    context["timeEpoch"] = time_ns() // 1_000_000
    return context


RequestContextV2.to_dict = to_dict
sys.exit(cli(prog_name="sam"))
