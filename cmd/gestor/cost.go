package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"sence.gob.cl/gestor/infra/cost"
)

const costHelp = `usage: gestor cost

Prints, in Markdown, what the system costs in the cloud: what a mention of each kind asked of every service when it was
counted, a million of them, a month with nothing in it, a year. Prices and assumptions stand in infra/cost; make cost
counts anew first.
`

func runCost(_ context.Context, args []string, term terminal) int {
	set := flag.NewFlagSet("cost", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		_, _ = fmt.Fprint(term.out, costHelp)
		return exitDone
	case err != nil:
		return term.misuse("cost", err)
	case set.NArg() > 0:
		return term.misuse("cost", fmt.Errorf("unexpected argument %q", set.Arg(0)))
	}
	model, err := cost.Load()
	if err == nil {
		err = model.Write(term.out)
	}
	if err != nil {
		return term.fail("cost", err)
	}
	return exitDone
}
