// Package lambdakit turns Lambda events into our own words and faults into what each trigger understands: partial batch
// failures, status codes, one log line for each unit of work.
package lambdakit

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/unit"
)

// Kit carries what every function needs at its edge: its log and its own timeout.
type Kit struct {
	log     *slog.Logger
	timeout time.Duration
}

// New makes the kit of one function. Timeout is the function's configured timeout: with the deadline of an invocation it
// gives the instant the invocation began by the platform's clock.
func New(log *slog.Logger, timeout time.Duration) *Kit { return &Kit{log: log, timeout: timeout} }

// Main runs a function's wiring with its log: JSON lines on standard output. What cannot start says why in one line and
// ends with code 1, so that the platform shows it as an init failure.
func Main(function string, run func(context.Context, *slog.Logger) error) {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With(slog.String("function", function))
	if err := run(context.Background(), log); err != nil {
		log.LogAttrs(context.Background(), slog.LevelError, "start failed", slog.String("error", err.Error()))
		os.Exit(1)
	}
}

// CountEvent counts one item of a delivery and writes down what it was. An alert is an error: somebody must look.
func (k *Kit) CountEvent(ctx context.Context, e mention.Event) {
	level := slog.LevelInfo
	if e.Outcome == mention.Alert {
		level = slog.LevelError
	}
	w := unit.Of(ctx)
	w.Count(unit.Items, 1)
	k.log.LogAttrs(ctx, level, "item",
		slog.String("trace", w.Trace()), slog.String("network", string(e.Network)), slog.String("outcome", string(e.Outcome)),
		slog.String("kind", string(e.Kind)), slog.String("reason", e.Reason))
}

// now is the invocation's start. A redelivered record carries only the time of its first try, so the platform's deadline
// is the one honest clock of a queue or stream invocation (ADR 0007).
func (k *Kit) now(ctx context.Context) (time.Time, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}, errors.New("lambdakit: the invocation has no deadline")
	}
	return deadline.Add(-k.timeout).UTC(), nil
}

// guard runs one unit of work. A panic becomes the failure of that unit (Poison): in a batch it would otherwise take the
// neighbours along, again and again, into the dead letters. The log says where, never the panic's own words, which may
// be a citizen's.
func (k *Kit) guard(ctx context.Context, name string, work func() error) (err error) {
	defer func() {
		if recover() == nil {
			return
		}
		k.log.LogAttrs(ctx, slog.LevelError, "panic", slog.String("unit", name), slog.String("stack", string(debug.Stack())))
		err = fault.New(fault.Poison, "lambdakit.guard", errors.New("panic"))
	}()
	return work()
}

func levelOf(kind fault.Kind) slog.Level {
	switch kind {
	case fault.Duplicate, fault.Conflict, fault.Invalid, fault.NotFound:
		return slog.LevelInfo
	case fault.Transient, fault.Denied:
		return slog.LevelWarn
	case fault.Permanent, fault.Poison, fault.Uncertain:
		return slog.LevelError
	default:
		return slog.LevelError
	}
}

// settled reports whether a failed unit must not come back: the work is done, or no retry will ever do it. What a person
// must see of a Permanent or Poison was committed by the process before it returned.
func settled(err error) bool {
	switch fault.Of(err) {
	case fault.Duplicate, fault.Invalid, fault.Denied, fault.NotFound:
		return true
	case fault.Conflict, fault.Transient, fault.Permanent, fault.Poison, fault.Uncertain:
		return false
	default:
		return false
	}
}
