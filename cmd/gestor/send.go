package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/meta"
)

const sendHelp = `usage: gestor send --source NETWORK [--url URL] [FILE]

Signs the exact bytes of FILE with the local secret, posts them to the webhook of NETWORK and prints the status and the
body of the answer. Without FILE, or with -, it reads standard input. Exit code 1 when the status is 400 or more.

  --source  facebook, instagram, whatsapp, x or linkedin
  --url     the system to post to (default http://127.0.0.1:8080)

Secrets come from GESTOR_META_APP_SECRET, GESTOR_X_CONSUMER_SECRET and GESTOR_LINKEDIN_CLIENT_SECRET, else they are the
local defaults.
`

const (
	defaultURL = "http://127.0.0.1:8080"
	// sendTimeout is longer than API Gateway waits for a function.
	sendTimeout = 40 * time.Second
	// maxShown bounds how much of an answer is printed.
	maxShown = 1 << 20
)

type sendCall struct {
	source, url, file string
}

func runSend(ctx context.Context, args []string, term terminal) int {
	call, err := parseSend(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(term.out, sendHelp)
		return exitDone
	}
	if err != nil {
		return term.misuse("send", err)
	}
	body, err := readInput(call.file, term.in)
	if err != nil {
		return term.fail("send", err)
	}
	status, answer, err := deliverBody(ctx, call, body, term)
	if err != nil {
		return term.fail("send", err)
	}
	_, _ = fmt.Fprintf(term.out, "%d %s\n", status, http.StatusText(status))
	if len(answer) > 0 {
		_, _ = fmt.Fprintf(term.out, "%s\n", bytes.TrimRight(answer, "\n"))
	}
	if status >= http.StatusBadRequest {
		return exitFailed
	}
	return exitDone
}

func parseSend(args []string) (sendCall, error) {
	var call sendCall
	set := flag.NewFlagSet("send", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&call.source, "source", "", "")
	set.StringVar(&call.url, "url", defaultURL, "")
	if err := set.Parse(args); err != nil {
		return sendCall{}, err
	}
	if set.NArg() > 1 {
		return sendCall{}, fmt.Errorf("unexpected argument %q", set.Arg(1))
	}
	call.file = set.Arg(0)
	if _, _, err := signature(call.source, nil, terminal{env: func(string) string { return "" }}); err != nil {
		return sendCall{}, err
	}
	u, err := url.Parse(call.url)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return sendCall{}, fmt.Errorf("--url %q is not an address such as %s", call.url, defaultURL)
	}
	return call, nil
}

// readInput reads a file, or standard input for "" and "-".
func readInput(file string, in io.Reader) ([]byte, error) {
	if file == "" || file == "-" {
		body, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return body, nil
	}
	return os.ReadFile(filepath.Clean(file))
}

func deliverBody(ctx context.Context, call sendCall, body []byte, term terminal) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	target := strings.TrimRight(call.url, "/") + "/webhooks/" + call.source
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	header, value, err := signature(call.source, body, term)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set(header, value)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxShown))
	if err != nil {
		return 0, nil, fmt.Errorf("answer of %s: %w", target, err)
	}
	return res.StatusCode, answer, nil
}

// signature gives the header each network signs with, over the exact bytes (platforms.md §2 to §4): Meta in hexadecimal;
// X in base64; LinkedIn in bare hexadecimal over the word "hmacsha256=" and the body.
func signature(source string, body []byte, term terminal) (header, value string, err error) {
	switch source {
	case "facebook", "instagram", "whatsapp":
		return "X-Hub-Signature-256", meta.Sign(body, term.secret("GESTOR_META_APP_SECRET")), nil
	case "x":
		sum := keyed(term.secret("GESTOR_X_CONSUMER_SECRET"), body)
		return "X-Twitter-Webhooks-Signature", "sha256=" + base64.StdEncoding.EncodeToString(sum), nil
	case "linkedin":
		sum := keyed(term.secret("GESTOR_LINKEDIN_CLIENT_SECRET"), append([]byte("hmacsha256="), body...))
		return "X-LI-Signature", hex.EncodeToString(sum), nil
	case "":
		return "", "", errors.New("--source is missing")
	default:
		return "", "", fmt.Errorf("--source %q is none of facebook, instagram, whatsapp, x, linkedin", source)
	}
}

func keyed(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body)
	return mac.Sum(nil)
}
