package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/whatsapp"
	"sence.gob.cl/gestor/shared/x"
)

const decodeHelp = `usage: gestor decode --source NETWORK [--accounts FILE] [FILE]

Turns the body of a webhook delivery into canonical events, one JSON object per line, in order. It uses no network and no
store. Without FILE, or with -, it reads standard input. A body that cannot be read is one line of outcome quarantine.

  --source    facebook, instagram, whatsapp, x or linkedin
  --accounts  JSON file {"facebook":["id",…],…} of the accounts that are ours; without it every account is
`

// maxDelivery is the largest body that the webhook takes, in bytes.
const maxDelivery = 4 << 20

// decodeCall is what the command line asked for.
type decodeCall struct {
	source   mention.Network
	accounts string
	file     string
}

func runDecode(_ context.Context, args []string, term terminal) int {
	const name = "decode"
	call, err := parseDecode(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(term.out, decodeHelp)
		return exitDone
	}
	if err != nil {
		return term.misuse(name, err)
	}
	decode := decoderOf(call.source)
	ours, err := readAccounts(call.accounts)
	if err != nil {
		return term.fail(name, err)
	}
	body, err := readDelivery(call.file, term.in)
	if err != nil {
		return term.fail(name, err)
	}
	if err := writeEvents(term.out, decode(body, ours)); err != nil {
		return term.fail(name, err)
	}
	return exitDone
}

func parseDecode(args []string) (decodeCall, error) {
	var source string
	var call decodeCall
	set := flag.NewFlagSet("decode", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&source, "source", "", "")
	set.StringVar(&call.accounts, "accounts", "", "")
	if err := set.Parse(args); err != nil {
		return decodeCall{}, err
	}
	call.source, call.file = mention.Network(source), set.Arg(0)
	switch {
	case source == "":
		return decodeCall{}, errors.New("--source is missing")
	case !call.source.Known():
		return decodeCall{}, fmt.Errorf("--source: no network is called %q", source)
	case set.NArg() > 1:
		return decodeCall{}, fmt.Errorf("unexpected argument %q", set.Arg(1))
	}
	return call, nil
}

// decoderOf gives the decoder of a network.
func decoderOf(source mention.Network) func([]byte, mention.Accounts) []mention.Event {
	return map[mention.Network]func([]byte, mention.Accounts) []mention.Event{
		mention.Facebook: meta.Decode, mention.Instagram: meta.DecodeInstagram, mention.WhatsApp: whatsapp.Decode,
		mention.X: x.Decode, mention.LinkedIn: linkedin.Decode,
	}[source]
}

// readAccounts reads the accounts that are ours; none named means that every account is.
func readAccounts(file string) (mention.Accounts, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, fmt.Errorf("--accounts: %w", err)
	}
	ours, err := mention.ParseAccounts(text)
	if err != nil {
		return nil, fmt.Errorf("--accounts %s: %w", file, err)
	}
	return ours, nil
}

// readDelivery reads a body, and no more of it than the webhook would take.
func readDelivery(file string, in io.Reader) ([]byte, error) {
	from := "standard input"
	if file != "" && file != "-" {
		opened, err := os.Open(filepath.Clean(file))
		if err != nil {
			return nil, err
		}
		defer func() { _ = opened.Close() }()
		from, in = file, opened
	}
	body, err := io.ReadAll(io.LimitReader(in, maxDelivery+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	if len(body) > maxDelivery {
		return nil, fmt.Errorf("%s: over %d bytes, which the webhook refuses", from, maxDelivery)
	}
	return body, nil
}

func writeEvents(out io.Writer, events []mention.Event) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, e := range events {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return nil
}
