package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
)

const unpackHelp = `usage: gestor unpack quarantine|delivery [FILE]

Gives back the exact bytes a network sent us, to be looked at (gestor decode) or delivered again (gestor send).
They hold what citizens wrote: write them nowhere but to a file that you delete.

  quarantine   FILE holds the attribute raw of a quarantined item in base64, as the aws command prints it
  delivery     FILE holds the body of a message of the inbox or of its dead letters

FILE absent or - is standard input. What lies in the bucket is gzip: gunzip -c FILE.
`

func runUnpack(_ context.Context, args []string, term terminal) int {
	set := flag.NewFlagSet("unpack", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		_, _ = fmt.Fprint(term.out, unpackHelp)
		return exitDone
	case err != nil:
		return term.misuse("unpack", err)
	case set.NArg() < 1 || set.NArg() > 2:
		return term.misuse("unpack", errors.New("want quarantine or delivery, and perhaps a FILE"))
	}
	open, known := map[string]func(string) ([]byte, error){"quarantine": unpackQuarantine, "delivery": unpackDelivery}[set.Arg(0)]
	if !known {
		return term.misuse("unpack", fmt.Errorf("%q is neither quarantine nor delivery", set.Arg(0)))
	}
	text, err := readDelivery(set.Arg(1), term.in)
	if err != nil {
		return term.fail("unpack", err)
	}
	body, err := open(strings.TrimSpace(string(text)))
	if err == nil {
		_, err = term.out.Write(body)
	}
	if err != nil {
		return term.fail("unpack", err)
	}
	return exitDone
}

func unpackQuarantine(text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("that is not base64")
	}
	return dynamo.Open(raw)
}

func unpackDelivery(text string) ([]byte, error) {
	var d mention.Delivery
	if json.Unmarshal([]byte(text), &d) != nil {
		return nil, errors.New("that is not a message of the inbox")
	}
	if d.Blob != "" {
		return nil, fmt.Errorf("its body lies in the bucket, under %s", d.Blob)
	}
	packed, err := d.Packed()
	if err != nil {
		return nil, errors.New("its body is not base64")
	}
	return mention.Unpack(packed, maxDelivery)
}
