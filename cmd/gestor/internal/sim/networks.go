package sim

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"sence.gob.cl/gestor/cmd/gestor/internal/local"
)

// network is what a simulated network beside Facebook is like.
type network struct {
	Name    string
	Title   string
	Account string   // ours
	Kinds   []string // what a citizen can write there; the first is meant when none is named
	Says    string   // the kinds as the refusal of another one names them
	Limit   int      // characters of a text
	handle  string   // what our account calls itself, where it does
	thread  *regexp.Regexp
}

// The forms of the posts' ids.
var (
	instagramPostID = regexp.MustCompile(`^[0-9]{15,18}$`)
	xPostID         = regexp.MustCompile(`^[0-9]{19}$`)
	linkedinPostID  = regexp.MustCompile(`^urn:li:(activity|share|ugcPost):[0-9]{5,19}$`)
)

// networkOf gives a network beside Facebook by its name.
func networkOf(name string) (network, bool) {
	n := network{Name: name, Account: local.SimulatorAccounts()[name]}
	switch name {
	case targetInstagram:
		n.Title, n.Limit, n.handle = "Instagram", 2200, "sence_simulado"
		n.Kinds, n.Says = []string{kindComment, kindMention, kindDM, kindTag, kindStoryMention, kindStoryReply},
			"comment, mention, dm, tag, story_mention o story_reply"
		n.thread = instagramPostID
	case targetX:
		n.Title, n.Limit, n.handle = "X", 4000, "SENCE_simulado"
		n.Kinds, n.Says = []string{kindMention, kindComment, kindPost, kindDM, kindChat}, "comment, mention, post, dm o chat"
		n.thread = xPostID
	case targetLinkedIn:
		n.Title, n.Limit = "LinkedIn", 1250
		n.Kinds, n.Says = []string{kindComment, kindMention}, "comment o mention"
		n.thread = linkedinPostID
	case targetWhatsApp:
		n.Title, n.Limit = "WhatsApp", 4096
		n.Kinds, n.Says = []string{kindDM}, "dm"
	default:
		return network{}, false
	}
	return n, true
}

// networkAccount is our account on a network beside Facebook.
func networkAccount(name string) string {
	n, _ := networkOf(name)
	return n.Account
}

// account is ours on any network.
func (s *Simulator) account(network string) string {
	if n, ok := networkOf(network); ok {
		return n.Account
	}
	return s.cfg.PageID
}

// otherNetworks gives the networks beside Facebook, in the order the pages show them.
func otherNetworks() []network {
	var all []network
	for _, name := range []string{targetInstagram, targetX, targetLinkedIn, targetWhatsApp} {
		n, _ := networkOf(name)
		all = append(all, n)
	}
	return all
}

// us is our account as an author.
func (n network) us() person { return person{n.Account, pageName} }

// place is what happens on one network.
type place struct {
	active  map[string]int      // post or citizen to the serial of the last text there
	posts   []string            // posts and reviews, in order
	talks   map[string][]string // direct messages by citizen
	talkers []string            // citizens with direct messages, in order of their first
	sent    []string            // what our system published, in order
}

func newPlace() place { return place{active: map[string]int{}, talks: map[string][]string{}} }

// at gives the place of a network; "" and "facebook" are the same. Only who may change the world asks for a place nobody
// was at: every network has one since it was seeded.
func (w *world) at(network string) *place {
	if network == "" || network == targetFacebook {
		return &w.place
	}
	p := w.places[network]
	if p == nil {
		fresh := newPlace()
		p = &fresh
		w.places[network] = p
	}
	return p
}

// longest is how many characters the network takes for such an item.
func (i *item) longest() int {
	if n, ok := networkOf(i.Network); ok {
		if n.Name == targetLinkedIn && i.Kind == kindPost {
			return mostLinkedIn
		}
		return n.Limit
	}
	return longest(i.Kind)
}

// writeOn puts a citizen's text on a network and queues its webhook.
func (t *tx) writeOn(name string, m written) (*item, error) {
	n, ok := networkOf(name)
	if !ok {
		return t.write(m)
	}
	if m.Own {
		return t.native(n, m)
	}
	if m.Kind == "" {
		m.Kind = n.Kinds[0]
	}
	if !slices.Contains(n.Kinds, m.Kind) {
		return nil, &refusal{http.StatusUnprocessableEntity, "En " + n.Title + " no existe ese tipo de mensaje. Usa " + n.Says + "."}
	}
	m, who := m.filled()
	who.ID = n.personID(m.Author)
	it := item{Network: n.Name, Kind: plain(m.Kind), From: who, Text: m.Text, At: m.At.UTC(), Handle: n.handleOf(m)}
	if err := m.refused(who, n.Account, &it, t.now); err != nil {
		return nil, err
	}
	if m.At.IsZero() {
		it.At = t.now.UTC()
	}
	if err := t.hang(n, m, &it); err != nil {
		return nil, err
	}
	if n.Name == targetWhatsApp {
		it.User, it.Shy = m.User, m.Hidden && m.User != ""
	}
	it.special(m.Kind)
	t.attach(&it, m.hangs(n.Name))
	t.add(change{Item: &it})
	t.tell(t.w.items[it.ID], verbAdd)
	return t.w.items[it.ID], nil
}

// hang gives an item its id and what it hangs on.
func (t *tx) hang(n network, m written, it *item) error {
	switch {
	case it.Kind == kindDM:
		if m.Thread != "" && n.personID(m.Thread) != it.From.ID {
			return invalid("Esa conversación es de otra persona.")
		}
		it.ID, it.Thread = t.messageID(n, it.From.ID), it.From.ID
		return nil
	case n.standsAlone(m.Kind, m.Thread):
		it.ID = t.postIDOn(n)
		it.Thread = it.ID
		if it.Kind != kindPost {
			return nil
		}
		quoted, err := t.anchorOn(n, kindComment, m.Thread)
		if err == nil {
			it.Quoted = quoted.ID
		}
		return err
	}
	parent, err := t.anchorOn(n, it.Kind, m.Thread)
	if err != nil {
		return err
	}
	it.Thread, it.Parent = parent.Thread, parent.ID
	it.ID = t.commentID(n, parent)
	it.Mute = n.Name == targetX && it.Kind == kindComment && m.Summoned != nil && !*m.Summoned
	return nil
}

// standsAlone reports a text that hangs on nothing: a mention in a post of one's own, or a post that quotes one of ours.
func (n network) standsAlone(kind, thread string) bool {
	return kind == kindPost || kind == kindTag || kind == kindMention && thread == "" && n.Name != targetInstagram
}

// anchorOn gives the post or comment a new text hangs on. A post that this world has not seen is taken for one of ours
// from before the world began.
func (t *tx) anchorOn(n network, kind, thread string) (*item, error) {
	switch {
	case thread == "" && kind == kindMention:
		return t.w.items[n.foreignPost()], nil
	case thread == "":
		return t.w.items[n.defaultPost()], nil
	}
	it := t.w.items[thread]
	switch {
	case it == nil && n.thread != nil && n.thread.MatchString(thread):
		t.add(change{Item: &item{
			ID: thread, Network: n.Name, Kind: kindPost, Thread: thread, From: n.us(), Own: true, Seed: true,
			Text: "Publicación anterior al simulador.", At: t.now.UTC(), Handle: n.handle,
		}})
		return t.w.items[thread], nil
	case it == nil || it.Network != n.Name:
		return nil, invalid("Ese hilo no existe en la red.")
	case it.Kind == kindDM:
		return nil, invalid("Ese hilo es una conversación privada. Usa el tipo dm.")
	case it.Removed:
		return nil, invalid("Esa publicación o ese comentario ya no existe.")
	case it.top() || n.Name == targetX:
		return it, nil
	}
	return t.w.level(it), nil
}

// level gives what an answer to an item hangs on where answers to answers hang one level deep.
func (w *world) level(it *item) *item {
	if up := w.items[it.Parent]; up != nil && !up.top() {
		return up
	}
	return it
}

// handleOf gives the name of account of somebody who writes: the author's word when it is one, else made of the name.
func (n network) handleOf(m written) string {
	if n.handle == "" {
		return ""
	}
	word := m.Author
	if digits(word) {
		word = m.Name
	}
	limit := longestInstagramHandle
	if n.Name == targetX {
		limit = longestHandle
	}
	return handleOf(strings.TrimPrefix(word, "@"), limit)
}
