package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/fault"
)

const plazoHelp = `usage: gestor plazo due --from RFC3339 --days N [--zone ZONE]
       gestor plazo count --from RFC3339 --to RFC3339 [--raw-entry] [--zone ZONE]

due prints the last day (YYYY-MM-DD) of a term of N Chilean business days for what entered at --from.
count prints the business days an answer sent at --to took. What enters on a Saturday, Sunday or holiday counts as
entered on the next business day (Ley 19.880, article 25); --raw-entry counts from the day itself.

  --from, --to  instants, such as 2026-11-21T10:00:00-03:00
  --days        length of the term in business days, 0 or more
  --zone        zone of the unit that answers (default ` + calendar.Zone + `)
  --raw-entry   count from the day of entry as it is
`

// plazoCall is a parsed call of the command.
type plazoCall struct {
	due      bool
	from, to time.Time
	days     int
	raw      bool
	zone     *time.Location
}

func runPlazo(_ context.Context, args []string, term terminal) int {
	call, err := parsePlazo(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(term.out, plazoHelp)
		return exitDone
	}
	if err != nil {
		return term.misuse("plazo", err)
	}
	answer, err := call.answer()
	if fault.Is(err, fault.Invalid) {
		return term.misuse("plazo", err)
	}
	if err != nil {
		return term.fail("plazo", err)
	}
	if _, err := fmt.Fprintln(term.out, answer); err != nil {
		return term.fail("plazo", err)
	}
	return exitDone
}

// parsePlazo reads the arguments; flag.ErrHelp means that help was asked for.
func parsePlazo(args []string) (plazoCall, error) {
	if len(args) == 0 {
		return plazoCall{}, errors.New("say due or count")
	}
	var call plazoCall
	switch args[0] {
	case "-h", "--help", "-help", "help":
		return plazoCall{}, flag.ErrHelp
	case "due":
		call.due = true
	case "count":
	default:
		return plazoCall{}, fmt.Errorf("unknown question %q: say due or count", args[0])
	}
	var from, to, zone string
	set := flag.NewFlagSet("plazo", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&from, "from", "", "")
	set.StringVar(&zone, "zone", calendar.Zone, "")
	if call.due {
		set.IntVar(&call.days, "days", -1, "")
	} else {
		set.StringVar(&to, "to", "", "")
		set.BoolVar(&call.raw, "raw-entry", false, "")
	}
	if err := set.Parse(args[1:]); err != nil {
		return plazoCall{}, err
	}
	if set.NArg() > 0 {
		return plazoCall{}, fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	return call.complete(from, to, zone)
}

// complete reads the values of the flags.
func (call plazoCall) complete(from, to, zone string) (plazoCall, error) {
	var err error
	if call.from, err = plazoInstant("--from", from); err != nil {
		return plazoCall{}, err
	}
	if call.due && call.days < 0 {
		return plazoCall{}, errors.New("--days needs a number of business days, 0 or more")
	}
	if !call.due {
		if call.to, err = plazoInstant("--to", to); err != nil {
			return plazoCall{}, err
		}
	}
	// The two names the time package gives a meaning of its own would make the answer depend on the machine.
	if zone == "" || zone == "Local" {
		return plazoCall{}, fmt.Errorf("--zone %q is not a zone", zone)
	}
	if call.zone, err = time.LoadLocation(zone); err != nil {
		return plazoCall{}, fmt.Errorf("--zone %q is not a zone", zone)
	}
	return call, nil
}

func plazoInstant(flag, value string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s needs an instant such as 2026-11-21T10:00:00-03:00, not %q", flag, value)
	}
	return at, nil
}

// answer computes what was asked: a date or a number of days.
func (call plazoCall) answer() (string, error) {
	days, err := calendar.Load()
	if err != nil {
		return "", err
	}
	days = days.In(call.zone)
	if call.due {
		due, err := days.Due(call.from, call.days)
		return due.String(), err
	}
	count := days.Count
	if call.raw {
		count = days.CountRaw
	}
	n, err := count(call.from, call.to)
	return fmt.Sprint(n), err
}
