package ways_test

import (
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// Each network is published on with the key of its own account.
func TestPublishers(t *testing.T) {
	w, _, asked := wired(t, time.Time{})
	if w.Publishers[mention.Facebook] == nil || w.Publishers[mention.Instagram] == nil {
		t.Fatalf("published on are %v", w.Publishers)
	}
	for n, p := range w.Publishers {
		b := post.Broadcast{Account: accounts()[n], Text: "hola", Recipient: "56900000001", Template: &post.Template{Name: "aviso", Language: "es_CL"}}
		if n != mention.WhatsApp {
			b.Template, b.Recipient = nil, ""
		}
		_, found, err := p.Published(t.Context(), b, noon())
		said := asked()
		if found || err == nil {
			t.Errorf("%s: found %t, %v", n, found, err)
		}
		for other := range accounts() {
			if (other == n) != strings.Contains(said, "clave-"+string(other)) && n != mention.WhatsApp {
				t.Errorf("%s was asked with the key of %s:\n%s", n, other, said)
			}
		}
	}
}

// Without files, nothing that hangs on a post can be brought.
func TestPublishers_WithoutFiles(t *testing.T) {
	w, _, asked := wired(t, time.Time{})
	b := post.Broadcast{Account: accounts()[mention.Facebook], Media: []post.Attached{{ID: "1", Alt: "una sala", File: post.File{Kind: post.Image}}}}
	if _, err := w.Publishers[mention.Facebook].Prepare(t.Context(), b, noon()); fault.Of(err) != fault.Invalid || asked() != "" {
		t.Errorf("%v", err)
	}
}
