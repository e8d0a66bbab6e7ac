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
	"sence.gob.cl/gestor/shared/meta"
)

const loadHelp = `usage: gestor load --rate N --for 60s [flags]
       gestor load --check FILE [--url URL]

Drives a running local system with signed deliveries by fictitious people, then asks it whether everything it acknowledged
is there, once. Prints one JSON object; exit code 1 when lost or doubled is above 0. Times never decide.

  --rate N            deliveries a second
  --for DURATION      how long
  --duplicates SHARE  share of deliveries that repeat an earlier item (0 to 1)
  --shuffle           out of the order of their times
  --source NETWORK    only facebook today
  --account ID        whose page (default: the simulator's)
  --journal FILE      writes what was acknowledged, a JSON line each
  --check FILE        sends nothing: compares a journal with the system as it is now
  --url URL           the system (default http://127.0.0.1:8080)
`

// simulatedPage is the simulator's Facebook page.
const simulatedPage = "100000000000001"

type loadCall struct {
	plan                        load.Plan
	source, journal, check, url string
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
	system := load.NewSystem(strings.TrimRight(call.url, "/"))
	var report load.Report
	if call.check != "" {
		acked, readErr := load.ReadJournal(call.check)
		if readErr != nil {
			return term.fail("load", readErr)
		}
		report, err = load.Check(ctx, system, acked, time.Now)
	} else {
		call.plan.Run = time.Now().UnixMilli()
		report, err = load.Run(ctx, load.Config{
			Plan: call.plan, Source: call.source, Journal: call.journal, System: system, Clock: time.Now,
			Sign: func(body []byte) (string, string) {
				return meta.SignatureHeader, meta.Sign(body, term.secret("GESTOR_META_APP_SECRET"))
			},
			Progress: func(sent, acked, total int) {
				_, _ = fmt.Fprintf(term.err, "gestor load: %d of %d sent, %d acknowledged\n", sent, total, acked)
			},
		})
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
	set.StringVar(&call.plan.Account, "account", simulatedPage, "")
	set.StringVar(&call.source, "source", "facebook", "")
	set.StringVar(&call.journal, "journal", "", "")
	set.StringVar(&call.check, "check", "", "")
	set.StringVar(&call.url, "url", defaultURL, "")
	if err := set.Parse(args); err != nil {
		return loadCall{}, err
	}
	switch {
	case set.NArg() > 0:
		return loadCall{}, fmt.Errorf("unexpected argument %q", set.Arg(0))
	case call.source != "facebook":
		return loadCall{}, fmt.Errorf("--source %q cannot be loaded yet, only facebook", call.source)
	case call.check == "" && (call.plan.Rate < 1 || call.plan.For < time.Second):
		return loadCall{}, errors.New("--rate must be at least 1 and --for at least 1s")
	case call.plan.Duplicates < 0 || call.plan.Duplicates >= 1:
		return loadCall{}, errors.New("--duplicates is a share from 0 to below 1")
	}
	return call, nil
}
