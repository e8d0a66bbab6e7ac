package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/load"
	"sence.gob.cl/gestor/cmd/gestor/internal/local"
	"sence.gob.cl/gestor/shared/mention"
)

const loadHelp = `usage: gestor load --rate N --for 60s [flags]
       gestor load --check FILE [--url URL]

Drives a running local system with signed deliveries by fictitious people, then asks it whether everything it acknowledged
is there, once. Prints one JSON object; exit code 1 when lost or doubled is above 0. Times never decide.

With --simulator the people write on the simulated networks instead, which tell the system of it. What they do not tell
(fault drop_webhooks) the system has to find by looking: that takes some minutes, and the report counts both sides.

  --rate N            items a second
  --for DURATION      how long
  --duplicates SHARE  share of deliveries that repeat an earlier item (0 to 1)
  --shuffle           out of the order of their times
  --source NETWORK    facebook (default), instagram, whatsapp, x, linkedin, or all in turn
  --account ID        our account there (default: the simulator's); not with all
  --simulator URL     through the simulator there (usually http://127.0.0.1:8090)
  --journal FILE      writes what was acknowledged, a JSON line each
  --check FILE        sends nothing: compares a journal with the system as it is now
  --url URL           the system (default http://127.0.0.1:8080)
`

type loadCall struct {
	plan                                            load.Plan
	source, account, simulator, journal, check, url string
}

func runLoad(ctx context.Context, args []string, term terminal) int {
	call, err := parseLoad(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(term.out, loadHelp)
		return exitDone
	}
	if err != nil {
		return term.misuse("load", err)
	}
	cfg := load.Config{
		System: load.NewSystem(strings.TrimRight(call.url, "/")), Clock: time.Now, Journal: call.journal, Plan: call.plan,
		Sign: func(network string, body []byte) (string, string) {
			header, value, err := signature(network, body, term)
			if err != nil { // parseLoad took no other network
				return "", ""
			}
			return header, value
		},
		Progress: func(line string) { _, _ = fmt.Fprintln(term.err, "gestor load: "+line) },
	}
	if call.simulator != "" {
		cfg.Simulator = load.NewSimulator(strings.TrimRight(call.simulator, "/"))
	}
	var report load.Report
	if call.check != "" {
		acked, readErr := load.ReadJournal(call.check)
		if readErr != nil {
			return term.fail("load", readErr)
		}
		report, err = load.Check(ctx, cfg, acked)
	} else {
		cfg.Plan.Run = time.Now().UnixMilli()
		report, err = load.Run(ctx, cfg)
	}
	if err != nil {
		return term.fail("load", err)
	}
	if err := json.NewEncoder(term.out).Encode(report); err != nil {
		return term.fail("load", err)
	}
	if report.Lost > 0 || report.Doubled > 0 {
		return exitFailed
	}
	return exitDone
}

func parseLoad(args []string) (loadCall, error) {
	var call loadCall
	set := flag.NewFlagSet("load", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.IntVar(&call.plan.Rate, "rate", 0, "")
	set.DurationVar(&call.plan.For, "for", 0, "")
	set.Float64Var(&call.plan.Duplicates, "duplicates", 0, "")
	set.BoolVar(&call.plan.Shuffle, "shuffle", false, "")
	set.StringVar(&call.account, "account", "", "")
	set.StringVar(&call.simulator, "simulator", "", "")
	set.StringVar(&call.source, "source", "facebook", "")
	set.StringVar(&call.journal, "journal", "", "")
	set.StringVar(&call.check, "check", "", "")
	set.StringVar(&call.url, "url", defaultURL, "")
	if err := set.Parse(args); err != nil {
		return loadCall{}, err
	}
	var err error
	call.plan.Accounts, err = loadedAccounts(call.source, call.account)
	switch {
	case set.NArg() > 0:
		return loadCall{}, fmt.Errorf("unexpected argument %q", set.Arg(0))
	case err != nil:
		return loadCall{}, err
	case call.check == "" && (call.plan.Rate < 1 || call.plan.For < time.Second):
		return loadCall{}, errors.New("--rate must be at least 1 and --for at least 1s")
	case call.plan.Duplicates < 0 || call.plan.Duplicates >= 1:
		return loadCall{}, errors.New("--duplicates is a share from 0 to below 1")
	case call.simulator != "" && (call.plan.Duplicates > 0 || call.plan.Shuffle || call.account != ""):
		return loadCall{}, errors.New("--simulator decides by itself what it repeats, in which order, and for which account")
	}
	return call, nil
}

// loadedAccounts are the networks to write on and our account on each, by default the simulator's.
func loadedAccounts(source, account string) ([]load.Account, error) {
	simulated := local.SimulatorAccounts()
	var out []load.Account
	for _, n := range mention.Networks() {
		if source == string(n) || source == "all" {
			out = append(out, load.Account{Network: n, ID: simulated[string(n)]})
		}
	}
	switch {
	case len(out) == 0:
		return nil, fmt.Errorf("--source %q is none of facebook, instagram, whatsapp, x, linkedin, all", source)
	case account != "" && source == "all":
		return nil, errors.New("--account goes with one network")
	case account != "":
		out[0].ID = account
	}
	return out, nil
}
