package sim

import "time"

// defaultPost is the post of ours on which texts without a thread hang.
func (n network) defaultPost() string {
	switch n.Name {
	case targetInstagram:
		return "17900000000000011"
	case targetX:
		return "1860000000000000011"
	case targetLinkedIn:
		return "urn:li:activity:7100000000000000011"
	}
	return ""
}

// foreignPost is somebody else's post, where mentions of Instagram stand and where X lets nobody answer in our name.
func (n network) foreignPost() string {
	switch n.Name {
	case targetInstagram:
		return "17900000000000099"
	case targetX:
		return "1860000000000000099"
	}
	return ""
}

// seedOthers gives each network beside Facebook a post of ours and one of somebody else.
func (t *tx) seedOthers() {
	began := t.now.UTC().AddDate(0, 0, -60).Truncate(time.Hour)
	for _, n := range otherNetworks() {
		if len(t.w.at(n.Name).posts) > 0 || n.defaultPost() == "" {
			continue
		}
		at := began
		if n.Name == targetInstagram {
			at = began.AddDate(0, 0, 58) // who looks for comments there looks under fresh posts
		}
		t.add(change{Item: &item{
			ID: n.defaultPost(), Network: n.Name, Kind: kindPost, Thread: n.defaultPost(), From: n.us(), Text: seedPosts()[0], At: at,
			Own: true, Seed: true, Handle: n.handle,
		}})
		if n.foreignPost() == "" {
			continue
		}
		t.add(change{Item: &item{
			ID: n.foreignPost(), Network: n.Name, Kind: kindPost, Thread: n.foreignPost(),
			From: person{n.personID("vecinos.ficticios"), "Vecinos de Villa Ficticia"}, Handle: "vecinos_ficticios",
			Text: "Datos de trabajo y cursos para la villa. Etiqueten a quien le sirva.", At: began, Foreign: true, Seed: true, Mute: true,
		}})
	}
}
