package main_test

import (
	"fmt"
	"strings"
)

// account holds what the system says of everything against what stands on the networks.
func (w *whole) account(networks, ids []string, held []heldAnswer) {
	w.t.Helper()
	counts := map[string]int{}
	for _, n := range networks {
		stands := w.published(n)
		for i, id := range ids {
			target, goes := w.seePost(id).Targets[n]
			if !goes {
				continue
			}
			counts[strings.TrimSpace(target.State+" "+target.Reason)]++
			w.compare(n+" "+id, target.State, stands[fmt.Sprint(i)])
		}
	}
	stands := w.published("whatsapp")
	for _, a := range held {
		r := w.get("ejecutivo1", a.ticket).Replies[0]
		counts[strings.TrimSpace("answer "+r.State+" "+r.Reason)]++
		w.compare("whatsapp "+a.ticket, r.State, stands[a.mark])
	}
	w.t.Logf("ended: %v", counts)
	if counts["sent"] < len(ids)*2 {
		w.t.Errorf("only %d went out", counts["sent"])
	}
}

// compare is of one item: how often it stands on its network, and what we say of it.
func (w *whole) compare(what, state string, stands int) {
	w.t.Helper()
	switch {
	case stands > 1:
		w.t.Errorf("%s stands there %d times", what, stands)
	case state == "sent" && stands == 0:
		w.t.Errorf("%s is sent, and does not stand there", what)
	case (state == "refused" || state == "expired") && stands > 0:
		w.t.Errorf("%s is %s, and stands there", what, state)
	}
}
