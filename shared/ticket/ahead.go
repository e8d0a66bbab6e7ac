package ticket

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/classify"
)

// forUndoing is the longest a reply waits only so that it can be undone: what waits longer is meant for later.
const forUndoing = time.Minute

// aheadFrom is how far ahead a reply must be meant to go out for the person to be waited for: when they write meanwhile, somebody
// should look at it again.
const aheadFrom = 15 * time.Minute

// Ahead is a reply that is meant for later and waits still. Told says that people were told of what the person wrote meanwhile.
type Ahead struct {
	Reply string `json:"reply"`
	Told  bool   `json:"told,omitempty"`
}

// expecting is the case with a reply that was planned, where that is meant for later.
func (t Ticket) expecting(r Reply, now time.Time) Ticket {
	if r.At.Sub(now) > aheadFrom {
		t.Ahead = append(slices.Clone(t.Ahead), Ahead{Reply: r.ID})
	}
	return t
}

// passed is the case once a reply waits for its time no more, and the matter about it, if one was raised.
func (t Ticket) passed(reply string) (Ticket, []Attention) {
	i := slices.IndexFunc(t.Ahead, func(a Ahead) bool { return a.Reply == reply })
	if i < 0 {
		return t, nil
	}
	var settled []Attention
	if t.Ahead[i].Told {
		settled = []Attention{t.matter(MatterReplyOvertaken, reply, "", time.Time{})}
	}
	t.Ahead = slices.Delete(slices.Clone(t.Ahead), i, i+1)
	if len(t.Ahead) == 0 {
		t.Ahead = nil
	}
	return t, settled
}

// overtake is the case once the person wrote again, and the matters of that about replies that are meant for later: each is told of
// once, and goes out unless somebody cancels it. In a denuncia nothing goes out at all.
func (t Ticket) overtake(now time.Time) (Ticket, []Attention) {
	if t.Intent.Final == classify.Denuncia {
		return t, nil
	}
	var out []Attention
	t.Ahead = slices.Clone(t.Ahead)
	for i, a := range t.Ahead {
		if !a.Told {
			t.Ahead[i].Told = true
			out = append(out, t.matter(MatterReplyOvertaken, a.Reply, "", now))
		}
	}
	return t, out
}
