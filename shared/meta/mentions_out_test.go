package meta_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// Where somebody else's media names us there is no comment of ours to answer: our account answers the mention, in the
// comment that names us or under the caption that does.
func TestSend_InstagramMention(t *testing.T) {
	for name, tt := range map[string]struct{ target, media, comment string }{
		"in a comment": {"17900000000000099:18117475379332011", "17900000000000099", "18117475379332011"},
		"in a caption": {"17900000000000099:", "17900000000000099", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var path, media, comment, text string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				path, media, comment, text = r.URL.Path, r.FormValue("media_id"), r.FormValue("comment_id"), r.FormValue("message")
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"id":"18000000000000001"}`))
			}))
			defer server.Close()
			way, err := instagramAt(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			receipt, err := way.Send(t.Context(), post.Outgoing{Account: ourIG, Target: tt.target, Visibility: post.Public, Text: "Hola."})
			if err != nil || receipt.ID != "18000000000000001" {
				t.Errorf("%q, %v", receipt.ID, err)
			}
			if path != "/graph/v25.0/"+ourIG+"/mentions" || media != tt.media || comment != tt.comment || text != "Hola." {
				t.Errorf("POST %s media %q comment %q message %q", path, media, comment, text)
			}
		})
	}
}

func TestSend_InstagramMentionOfNothing(t *testing.T) {
	way, err := instagramAt("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{":1", "1:../2", "1/2:3"} {
		if _, err := way.Send(t.Context(), post.Outgoing{Account: ourIG, Target: target, Visibility: post.Public, Text: "Hola."}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", target, err)
		}
	}
}
