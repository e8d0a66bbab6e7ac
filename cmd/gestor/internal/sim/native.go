package sim

import (
	"strings"
	"unicode/utf8"
)

// native puts what our own people wrote in the network's application: an answer to a text, or a message to a person. Our
// system is told as of everything we do there; it did not publish it.
func (t *tx) native(n network, m written) (*item, error) {
	m.Text, m.Thread = strings.TrimSpace(m.Text), strings.TrimSpace(m.Thread)
	kind := m.Kind
	switch {
	case kind == "" && n.Name == targetWhatsApp:
		kind = kindDM
	case kind == "":
		kind = kindComment
	}
	limit := n.Limit
	if limit == 0 {
		limit = longest(kind)
	}
	switch {
	case !n.weWrite(kind):
		return nil, invalid("Ahí SENCE no escribe ese tipo de mensaje. Usa comment, post o dm, según la red.")
	case m.Text == "":
		return nil, invalid("Falta el texto del mensaje.")
	case utf8.RuneCountInString(m.Text) > limit:
		return nil, invalid("El texto es demasiado largo.")
	case m.At.After(t.now):
		return nil, invalid("La fecha del mensaje está en el futuro.")
	}
	it := item{Kind: kind, Text: m.Text, At: m.At.UTC(), Own: true, Native: true, From: person{t.w.pageID, pageName}}
	if m.At.IsZero() {
		it.At = t.now.UTC()
	}
	if n.Name != targetFacebook {
		it.Network, it.From, it.Handle = n.Name, n.us(), n.handle
	}
	if err := t.nativePlace(n, m, &it); err != nil {
		return nil, err
	}
	t.add(change{Item: &it})
	t.tell(t.w.items[it.ID], verbAdd)
	return t.w.items[it.ID], nil
}

// weWrite reports whether our people can write such a thing there.
func (n network) weWrite(kind string) bool {
	switch kind {
	case kindDM:
		return n.Name != targetLinkedIn
	case kindComment, kindPost:
		return n.Name != targetWhatsApp
	}
	return false
}

// nativePlace gives a text of ours its id and what it hangs on.
func (t *tx) nativePlace(n network, m written, it *item) error {
	switch it.Kind {
	case kindDM:
		return t.nativeTalk(n, m, it)
	case kindPost:
		if n.Name == targetFacebook {
			it.ID = t.w.pageID + "_" + t.object()
		} else {
			it.ID = t.postIDOn(n)
		}
		it.Thread = it.ID
		return nil
	}
	if m.Thread == "" {
		return invalid("Falta el hilo al que SENCE responde.")
	}
	var parent *item
	var err error
	if n.Name == targetFacebook {
		parent, err = t.anchor(kindComment, m.Thread)
	} else {
		parent, err = t.anchorOn(n, kindComment, m.Thread)
	}
	if err != nil {
		return err
	}
	it.Kind, it.Thread, it.Parent, it.InReplyTo = kindComment, parent.Thread, parent.ID, m.Thread
	if n.Name == targetFacebook {
		it.ID = tail(parent.Thread) + "_" + t.object()
	} else {
		it.ID = t.commentID(n, parent)
	}
	return nil
}

// nativeTalk makes it a message to the person whose conversation, or one of whose messages, the thread names.
func (t *tx) nativeTalk(n network, m written, it *item) error {
	citizen := m.Thread
	if to := t.w.items[m.Thread]; to != nil && to.Kind == kindDM {
		citizen = to.Thread
	}
	if citizen == "" || len(t.w.at(n.Name).talks[citizen]) == 0 {
		return invalid("Esa conversación no existe. SENCE solo responde a quien escribió.")
	}
	it.Thread, it.InReplyTo = citizen, t.w.heard(n.Name, citizen)
	if n.Name == targetFacebook {
		it.ID = t.mid(citizen)
	} else {
		it.ID = t.messageID(n, citizen)
	}
	return nil
}
