package channel_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
)

// Each network has rights, each named once, with words a person can read in the console's table.
func TestRights(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range channel.Rights() {
		name := string(r.Network) + "/" + r.Name
		if seen[name] {
			t.Errorf("%s twice", name)
		}
		seen[name] = true
		if !r.Network.Known() || r.Name == "" || r.For == "" || strings.HasSuffix(r.For, ".") || !strings.HasSuffix(r.Without, ".") {
			t.Errorf("%+v", r)
		}
		for _, words := range []string{r.For, r.Without} {
			if n := utf8.RuneCountInString(words); n > 90 {
				t.Errorf("%s: %d characters: %s", name, n, words)
			}
		}
	}
	for _, n := range mention.Networks() {
		rights := channel.RightsOf(n)
		if len(rights) == 0 || slices.ContainsFunc(rights, func(r channel.Right) bool { return r.Network != n }) {
			t.Errorf("%s has %d rights", n, len(rights))
		}
	}
}

func TestMissing(t *testing.T) {
	all := channel.Names
	for _, n := range mention.Networks() {
		if got := channel.Missing(n, append(all(n), "something.else")); len(got) != 0 {
			t.Errorf("%s: %v", n, got)
		}
		if got := channel.Missing(n, nil); !slices.Equal(got, all(n)) {
			t.Errorf("%s with nothing: %v", n, got)
		}
	}
	older := []string{"rw_organization_admin", "r_organization_social", "w_organization_social"}
	if got := channel.Missing(mention.LinkedIn, older); len(got) != 0 {
		t.Errorf("the older names: %v", got)
	}
	if got := channel.Missing(mention.Facebook, all(mention.Facebook)[1:]); !slices.Equal(got, []string{"pages_show_list"}) {
		t.Errorf("missing %v", got)
	}
}
