package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
)

// Numbers and names travel in logs and dead letters: none may move.
func TestKind_StaysWhatItIs(t *testing.T) {
	want := []struct {
		kind   fault.Kind
		number int
		name   string
	}{
		{fault.Duplicate, 1, "duplicate"},
		{fault.Conflict, 2, "conflict"},
		{fault.Transient, 3, "transient"},
		{fault.Invalid, 4, "invalid"},
		{fault.Denied, 5, "denied"},
		{fault.Permanent, 6, "permanent"},
		{fault.Poison, 7, "poison"},
		{fault.Uncertain, 8, "uncertain"},
		{fault.NotFound, 9, "not_found"},
		{fault.Kind(0), 0, "unknown"},
		{fault.Kind(10), 10, "unknown"},
	}
	for _, w := range want {
		if int(w.kind) != w.number || w.kind.String() != w.name {
			t.Errorf("kind %d is %q, want %d %q", int(w.kind), w.kind, w.number, w.name)
		}
	}
}

func TestOf(t *testing.T) {
	base := fault.New(fault.Transient, "a.Op", context.Canceled)
	tests := []struct {
		name string
		err  error
		want fault.Kind
	}{
		{"nothing", nil, 0},
		{"an error of nobody", errors.New("x"), 0},
		{"itself", base, fault.Transient},
		{"wrapped", fmt.Errorf("outer: %w", base), fault.Transient},
		{"the outer kind wins", fault.New(fault.Permanent, "b.Op", base), fault.Permanent},
		{"joined, the first with a kind", errors.Join(errors.New("x"), base), fault.Transient},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fault.Of(tt.err); got != tt.want {
				t.Errorf("Of = %s, want %s", got, tt.want)
			}
			if fault.Is(tt.err, tt.want) != (tt.err != nil) {
				t.Errorf("Is(%s) = %t", tt.want, fault.Is(tt.err, tt.want))
			}
		})
	}
	if !errors.Is(base, context.Canceled) {
		t.Error("the cause is lost")
	}
}

func TestRetryAfter(t *testing.T) {
	asked := fault.New(fault.Transient, "a.Op", nil)
	asked.RetryAfter = 90 * time.Second
	if got := fault.RetryAfter(fmt.Errorf("outer: %w", asked)); got != 90*time.Second {
		t.Errorf("RetryAfter = %s", got)
	}
	if got := fault.RetryAfter(errors.New("x")); got != 0 {
		t.Errorf("RetryAfter of an error of nobody = %s", got)
	}
}

// The sentence for the user may quote what the user typed, so the text for the log leaves it out.
func TestError_KeepsThePublicSentenceOut(t *testing.T) {
	for _, err := range []*fault.Error{
		fault.Say(fault.Denied, "a.Op", "palabras de la persona"),
		fault.Reject("a.Op", "text", "palabras de la persona"),
	} {
		if strings.Contains(err.Error(), "palabras") || err.Public != "palabras de la persona" {
			t.Errorf("error %q, public %q", err.Error(), err.Public)
		}
		if want := "a.Op: " + err.Kind.String(); err.Error() != want {
			t.Errorf("error %q, want %q", err.Error(), want)
		}
	}
	if err := fault.Reject("a.Op", "text", "x"); err.Kind != fault.Invalid || err.Field != "text" {
		t.Errorf("Reject = %+v", err)
	}
}
