package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
)

const connectHelp = `usage: gestor connect NETWORK [flags]

Connects one of our accounts on facebook, instagram, x, linkedin or whatsapp: prints the address where the network asks for
permission, waits until it was given, lets you choose the account by its number, and prints which rights are missing.

  --method     oauth2 (as it is without), oauth1 (X: a key that does not end), or manual (a key you have already)
  --account    the network's id of the account: chooses it without asking; manual needs it
  --url        the system (default http://127.0.0.1:8080)
  --user       who signs in to a local system (default supervisor); elsewhere GESTOR_TOKEN holds the token of a person
  --wait       how long at most (default 15m)

With manual the key is read from standard input, never from the command line: the first line is the key, the second, for
X, its second half. Exit code 1 when the account is not connected at the end.
`

// connectEvery is how often the system is asked how the connection goes on.
const connectEvery = 2 * time.Second

type connectCall struct {
	network, method, account, url, user string
	wait                                time.Duration
}

func runConnect(ctx context.Context, args []string, term terminal) int {
	call, err := parseConnect(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(term.out, connectHelp)
		return exitDone
	}
	if err != nil {
		return term.misuse("connect", err)
	}
	ctx, cancel := context.WithTimeout(ctx, call.wait)
	defer cancel()
	c := connector{call: call, term: term, in: bufio.NewScanner(term.in), every: connectEvery, api: api{url: call.url, token: term.env("GESTOR_TOKEN")}}
	if err := c.connect(ctx); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("%s is not connected after %s", call.network, call.wait)
		}
		return term.fail("connect", err)
	}
	return exitDone
}

func parseConnect(args []string) (connectCall, error) {
	var call connectCall
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		call.network, args = args[0], args[1:]
	}
	set := flag.NewFlagSet("connect", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&call.method, "method", "", "")
	set.StringVar(&call.account, "account", "", "")
	set.StringVar(&call.url, "url", defaultURL, "")
	set.StringVar(&call.user, "user", "supervisor", "")
	set.DurationVar(&call.wait, "wait", 15*time.Minute, "")
	if err := set.Parse(args); err != nil {
		return connectCall{}, err
	}
	rest := set.Args()
	if call.network == "" && len(rest) > 0 {
		call.network, rest = rest[0], rest[1:]
	}
	if len(rest) > 0 {
		return connectCall{}, fmt.Errorf("unexpected argument %q", rest[0])
	}
	call.url = strings.TrimRight(call.url, "/")
	return call, call.check()
}

// check refuses a call that could come to nothing.
func (c connectCall) check() error {
	methods := channel.Methods(mention.Network(c.network))
	switch {
	case c.network == "":
		return errors.New("which network?")
	case methods == nil:
		return fmt.Errorf("%q is none of facebook, instagram, x, linkedin, whatsapp", c.network)
	case c.method != "" && !slices.Contains(methods, channel.Method(c.method)):
		return fmt.Errorf("--method %q does not connect %s", c.method, c.network)
	case c.method == string(channel.ByHand) && c.account == "":
		return errors.New("--method manual needs --account")
	case c.wait <= 0:
		return errors.New("--wait must be above 0")
	default:
		return checkURL(c.url)
	}
}

// connector connects one account by asking the system as a person's console does.
type connector struct {
	call  connectCall
	term  terminal
	in    *bufio.Scanner
	every time.Duration
	api   api
	told  bool // where to go
}

// connecting is a connection as the API shows it.
type connecting struct {
	ID      string           `json:"id"`
	Step    channel.Step     `json:"step"`
	URL     string           `json:"url"`
	Choices []channel.Choice `json:"choices"`
	Account string           `json:"account"`
	Missing []struct{ Right, What string }
	Reason  string `json:"reason"`
}

func (c *connector) connect(ctx context.Context) error {
	order, err := c.order()
	if err != nil {
		return err
	}
	if err := c.api.enter(ctx, c.call.user); err != nil {
		return err
	}
	var now connecting
	if err := c.api.ask(ctx, "/api/v1/channels/"+c.call.network+"/connect", order, &now); err != nil {
		return err
	}
	for {
		if ended, err := c.step(ctx, &now); ended || err != nil {
			return err
		}
		if err := c.poll(ctx, &now); err != nil {
			return err
		}
	}
}

// step does what the connection waits for from our side, and reports whether it is made.
func (c *connector) step(ctx context.Context, now *connecting) (made bool, err error) {
	switch now.Step {
	case channel.StepDone:
		c.done(*now)
		return true, nil
	case channel.StepFailed:
		return false, fmt.Errorf("%s was not connected: %s", c.call.network, whyNot(now.Reason))
	case channel.StepChoose:
		if now.Account == "" {
			return false, c.choose(ctx, now)
		}
	case channel.StepBegun:
		if now.URL != "" && !c.told {
			c.told = true
			c.say("open this address in a browser, and say yes there:\n\n  %s\n\nwaiting…", shown(now.URL))
		}
	case channel.StepCode: // the system's turn
	}
	return false, nil
}

// order is what is asked for; a key comes from standard input.
func (c *connector) order() (map[string]string, error) {
	order := map[string]string{}
	if c.call.method == "" {
		return order, nil
	}
	order["method"] = c.call.method
	if c.call.method != string(channel.ByHand) {
		return order, nil
	}
	order["account"] = c.call.account
	for _, name := range []string{"token", "secret"} {
		if !c.in.Scan() {
			break
		}
		if line := strings.TrimSpace(c.in.Text()); line != "" {
			order[name] = line
		}
	}
	if order["token"] == "" {
		return nil, errors.New("standard input holds no key")
	}
	return order, nil
}

func (c *connector) poll(ctx context.Context, now *connecting) error {
	wait := time.NewTimer(c.every)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
	}
	var next connecting
	err := c.api.ask(ctx, "/api/v1/connections/"+url.PathEscape(now.ID), nil, &next)
	if err != nil && ctx.Err() == nil && !errors.As(err, new(refused)) {
		return nil // the next question may arrive
	}
	if err == nil {
		*now = next
	}
	return err
}

// choose asks which account it is to be, unless that was said already.
func (c *connector) choose(ctx context.Context, now *connecting) error {
	account := c.call.account
	if account == "" {
		for i, one := range now.Choices {
			c.say("  %d  %s (%s)", i+1, shown(one.Name), shown(one.Account))
		}
		c.say("which one? (1 to %d)", len(now.Choices))
		if !c.in.Scan() {
			return errors.New("no account was chosen")
		}
		n, err := strconv.Atoi(strings.TrimSpace(c.in.Text()))
		if err != nil || n < 1 || n > len(now.Choices) {
			return fmt.Errorf("%q is no number from 1 to %d", c.in.Text(), len(now.Choices))
		}
		account = now.Choices[n-1].Account
	}
	if !slices.ContainsFunc(now.Choices, func(one channel.Choice) bool { return one.Account == account }) {
		return fmt.Errorf("account %s is not among those of this sign-in", account)
	}
	return c.api.ask(ctx, "/api/v1/connections/"+url.PathEscape(now.ID)+"/choose", map[string]string{"account": account}, now)
}

func (c *connector) done(now connecting) {
	c.say("connected: %s %s", c.call.network, shown(now.Account))
	for _, m := range now.Missing {
		c.say("missing: %s (%s)", shown(m.Right), shown(m.What))
	}
}

// whyNot tells a reason of the service, as far as it is one of desk's own.
func whyNot(reason string) string {
	switch reason {
	case channel.ReasonRefused:
		return "the answer there was no"
	case channel.ReasonNetwork:
		return "the network sent an error back"
	default:
		return shown(reason)
	}
}

// shown is a text of the network without what would steer the terminal.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, text)
}

func (c *connector) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c.term.out, format+"\n", args...)
}
