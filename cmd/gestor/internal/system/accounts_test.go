package system

import (
	"slices"
	"testing"

	"sence.gob.cl/gestor/cmd/gestor/internal/local"
	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// The simulated accounts work from the first second, with the keys their networks take; what a person did to one of them is
// not undone by the next start.
func TestSystem_AccountsAreConnected(t *testing.T) {
	o := options(t)
	s := start(t, o)
	if o.DynamoDB != "" {
		t.Skip("SKIPPED: another engine keeps what other tests left")
	}
	store := dynamo.New(dynamo.Config{Client: s.tables.db, Table: "WorkTable", Bitacora: "BitacoraTable", Clock: s.clock.Now})
	keeper := access.New(access.Config{Store: store, Key: s.tokenKey, Clock: s.clock.Now})
	all, err := store.Channels(t.Context())
	if err != nil || len(all) != len(local.SimulatorAccounts()) {
		t.Fatalf("%d accounts, %v", len(all), err)
	}
	for _, c := range all {
		a, err := keeper.Access(t.Context(), c.Ref)
		if err != nil || a.Token != firstKeyOf(c.Network) || a.Token == "" || c.State != channel.Working || c.ConnectedBy != installer || c.ConnectedAt.IsZero() {
			t.Errorf("%s: %+v, %v", c.Ref, c, err)
		}
	}
	ref := channel.Ref{Network: mention.X, Account: local.SimulatorAccounts()["x"]}
	taken, _, err := store.Channel(t.Context(), ref)
	if err == nil {
		taken, err = taken.Close("supervisor", s.clock.Now())
	}
	if err == nil {
		err = store.Commit(t.Context(), ticket.Change{Channel: &taken})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.connectSimulated(t.Context(), `{"x":["`+ref.Account+`"]}`); err != nil {
		t.Fatal(err)
	}
	if c, _, err := store.Channel(t.Context(), ref); err != nil || c.State != channel.Closed {
		t.Errorf("taken away, and then %+v, %v", c, err)
	}
}

// A tick plays both rules of the minute.
func TestSystem_TickFiresBothRules(t *testing.T) {
	s := start(t, options(t))
	at := tick(t, s, `{}`).At
	for _, pk := range []string{"TICK", "LOOK"} {
		if got := keys(t, s, pk); !slices.Contains(got, at.UTC().Format("2006-01-02T15:04:05.999999999Z07:00")) {
			t.Errorf("%s at %v, want %s", pk, got, at)
		}
	}
}
