package model_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/model"
)

func noon() time.Time { return time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC) }

func ana() model.Person { return model.Person{ID: "ana", Name: "Ana Ficticia"} }

func name(n int) string { return strings.Repeat(fmt.Sprintf("%x", n), 64) }

// book is a register with its chain.
type book struct {
	*testing.T
	r     model.Register
	chain []audit.Entry
}

func (b *book) does(s model.Step, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	b.r, b.chain = s.Register, append(b.chain, s.Entry)
}

func (b *book) stands(current, shadow, previous string) {
	b.Helper()
	if got, want := []string{b.r.Deciding(), b.r.Shadow, b.r.Before()}, []string{current, shadow, previous}; !cmp.Equal(got, want) {
		b.Errorf("stands %.8s, want %.8s", got, want)
	}
}

func refused(t *testing.T, what string, s model.Step, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) || s.Register.Version != 0 {
		t.Errorf("%s: %v, %+v; want %s", what, err, s, kind)
	}
}

// The life of a model: brought, tried, used, taken back. Each step is an entry of the chain that names who and what.
func TestRegister(t *testing.T) {
	b := &book{T: t}
	b.stands(model.Embedded, "", model.Embedded)
	_, err := b.r.Back(ana(), noon())
	refused(t, "back from nowhere", model.Step{}, err, fault.Invalid)
	b.does(b.r.Add(model.Known{Name: name(1), Label: "uno"}, ana(), noon()))
	b.does(b.r.Add(model.Known{Name: name(2), Label: "dos"}, ana(), noon()))
	b.stands(model.Embedded, "", model.Embedded)
	b.does(b.r.Try("11111111", ana(), noon()))
	b.stands(model.Embedded, name(1), model.Embedded)
	b.does(b.r.Use(name(1), ana(), noon()))
	b.stands(name(1), "", model.Embedded)
	b.does(b.r.Try(model.Embedded, ana(), noon()))
	b.stands(name(1), model.Embedded, model.Embedded)
	b.does(b.r.Back(ana(), noon().Add(time.Hour)))
	b.stands(model.Embedded, "", name(1))
	b.does(b.r.Back(ana(), noon()))
	b.stands(name(1), "", model.Embedded)
	b.does(b.r.Use(name(2), ana(), noon()))
	b.stands(name(2), "", name(1))
	b.does(b.r.Try(name(1), ana(), noon()))
	b.does(b.r.Try(model.None, ana(), noon()))
	b.stands(name(2), "", name(1))
	if err := audit.Verify(b.chain); err != nil {
		t.Error(err)
	}
	var said []string
	for _, e := range b.chain {
		said = append(said, fmt.Sprintf("%s %.4s>%.4s %s %s", e.Kind, e.From, e.To, e.Actor, e.Scope))
	}
	want := []string{
		"model.added >1111 ana model", "model.added >2222 ana model", "model.tried none>1111 ana model", "model.used embe>1111 ana model",
		"model.tried none>embe ana model", "model.rolledback 1111>embe ana model", "model.rolledback embe>1111 ana model",
		"model.used 1111>2222 ana model", "model.tried none>1111 ana model", "model.tried 1111>none ana model",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

func TestRegister_Refusals(t *testing.T) {
	b := &book{T: t}
	b.does(b.r.Add(model.Known{Name: name(1)}, ana(), noon()))
	b.does(b.r.Add(model.Known{Name: name(1)[:60] + "2222"}, ana(), noon()))
	b.does(b.r.Add(model.Known{Name: name(3)}, ana(), noon()))
	b.does(b.r.Use(name(3), ana(), noon()))
	version := b.r.Version
	for what, try := range map[string]struct {
		do   func() (model.Step, error)
		kind fault.Kind
	}{
		"the same bytes again":   {func() (model.Step, error) { return b.r.Add(model.Known{Name: name(1)}, ana(), noon()) }, fault.Duplicate},
		"one nobody brought":     {func() (model.Step, error) { return b.r.Use(name(4), ana(), noon()) }, fault.Invalid},
		"too few letters":        {func() (model.Step, error) { return b.r.Use("333", ana(), noon()) }, fault.Invalid},
		"two that begin alike":   {func() (model.Step, error) { return b.r.Use("11111111", ana(), noon()) }, fault.Invalid},
		"none decides":           {func() (model.Step, error) { return b.r.Use(model.None, ana(), noon()) }, fault.Invalid},
		"the one that decides":   {func() (model.Step, error) { return b.r.Use(name(3), ana(), noon()) }, fault.Duplicate},
		"its own shadow":         {func() (model.Step, error) { return b.r.Try(name(3), ana(), noon()) }, fault.Invalid},
		"no shadow where none":   {func() (model.Step, error) { return b.r.Try(model.None, ana(), noon()) }, fault.Duplicate},
		"a shadow nobody knows":  {func() (model.Step, error) { return b.r.Try("ffffffff", ana(), noon()) }, fault.Invalid},
		"an empty name deciding": {func() (model.Step, error) { return b.r.Use("", ana(), noon()) }, fault.Invalid},
	} {
		s, err := try.do()
		refused(t, what, s, err, try.kind)
	}
	if b.r.Version != version {
		t.Error("a refusal moved the register")
	}
}

// The oldest that nobody uses makes room; what decides, what runs in the shadow and what may be gone back to stay.
func TestRegister_Room(t *testing.T) {
	b := &book{T: t}
	for n := range 60 {
		b.does(b.r.Add(model.Known{Name: fmt.Sprintf("%064x", n+1)}, ana(), noon()))
	}
	b.does(b.r.Use(fmt.Sprintf("%064x", 1), ana(), noon()))
	b.does(b.r.Use(fmt.Sprintf("%064x", 2), ana(), noon()))
	b.does(b.r.Try(fmt.Sprintf("%064x", 3), ana(), noon()))
	b.does(b.r.Add(model.Known{Name: name(15)}, ana(), noon()))
	for n, want := range map[int]bool{1: true, 2: true, 3: true, 4: false, 5: true} {
		if _, got := b.r.Model(fmt.Sprintf("%064x", n)); got != want {
			t.Errorf("model %d is known: %t", n, got)
		}
	}
	if len(b.r.Models) != 60 {
		t.Errorf("%d models", len(b.r.Models))
	}
}
