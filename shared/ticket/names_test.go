package ticket_test

import (
	"slices"
	"testing"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/ticket"
)

func TestTicket_KnownAs(t *testing.T) {
	one := ticket.Ticket{Conversation: "c"}
	two, names := one.KnownAs([]string{"c", "a", "", "a", "b"})
	if !slices.Equal(names, []string{"a", "b"}) || !slices.Equal(two.Aliases, names) || one.Aliases != nil {
		t.Errorf("%q, %q, %q", names, two.Aliases, one.Aliases)
	}
	three, names := two.KnownAs([]string{"b", "c"})
	if names != nil || !slices.Equal(three.Aliases, two.Aliases) {
		t.Errorf("known already: %q, %q", names, three.Aliases)
	}
	full, names := two.KnownAs([]string{"d", "e", "f"}) // what does not fit leads nowhere
	if !slices.Equal(names, []string{"d", "e"}) || !slices.Equal(full.Aliases, []string{"a", "b", "d", "e"}) {
		t.Errorf("full: %q, %q", names, full.Aliases)
	}
	if _, names := full.KnownAs([]string{"g"}); names != nil {
		t.Errorf("more than full: %q", names)
	}
	for conversation, want := range map[string]bool{"c": true, "a": true, "b": true, "x": false, "": false} {
		if two.LedToBy(conversation) != want {
			t.Errorf("LedToBy(%q) = %t", conversation, !want)
		}
	}
	for _, tt := range []struct {
		of   ticket.Ticket
		by   []string
		want bool
	}{
		{one, []string{"c"}, true},
		{one, []string{"x", "c"}, true},
		{one, []string{"x"}, false},
		{one, nil, false},
		{two, []string{"b", "x", "a", "c"}, true},
		{two, []string{"c", "a"}, false},
	} {
		if tt.of.Within(tt.by) != tt.want {
			t.Errorf("%q Within %q = %t", tt.of.Aliases, tt.by, !tt.want)
		}
	}
}

// A case is opened under all names that lead nowhere yet, and keeps them with every step.
func TestOpen_KnownAs(t *testing.T) {
	c := ticket.Open(ticket.Opening{
		ID: "01TICKET", Number: "RS-2026-0000001-1", Conversation: "conv", Aliases: []string{"conv", "a", "b"}, Over: "01ENDED",
		Class: result(classify.Consulta, 0.9), Now: noon,
	}, ticket.DefaultPolicy(), nil)
	if !c.Open || c.Over != "01ENDED" || c.Names != nil || !slices.Equal(c.Ticket.Aliases, []string{"a", "b"}) {
		t.Errorf("opened %+v", c)
	}
	claimed, err := c.Ticket.Claim(anna, noon)
	if err != nil || !slices.Equal(claimed.Ticket.Aliases, []string{"a", "b"}) {
		t.Errorf("claimed: %q, %v", claimed.Ticket.Aliases, err)
	}
}
