package media_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/media"
	"sence.gob.cl/gestor/shared/mention"
)

func TestLocal(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/out" {
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
			return
		}
		_, _ = w.Write(jpeg)
	}))
	defer plain.Close()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(jpeg) }))
	defer other.Close()
	with := func(local string) *media.Client {
		return client(t, media.World{Local: local, Timeout: 5 * time.Second})
	}
	for _, c := range []struct {
		name, local, url, want string
	}{
		{"the one server", plain.URL, plain.URL + "/media/1", ""},
		{"another one", plain.URL, other.URL + "/media/1", media.ReasonHost},
		{"nobody was named", "", plain.URL + "/media/1", media.ReasonHost},
		{"out of it", plain.URL, plain.URL + "/out?to=" + other.URL, media.ReasonHost},
		{"to a network", plain.URL, plain.URL + "/out?to=https://fbcdn.net/", media.ReasonHost},
		{"inside of it", plain.URL, plain.URL + "/out?to=/media/2", ""},
	} {
		if _, _, err := with(c.local).Get(t.Context(), mention.X, channel.Download{URL: c.url}); reason(err) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// What a network says never leads to it.
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, plain.URL, http.StatusFound) })
	w := s.world(t)
	w.Local = plain.URL
	if _, _, err := client(t, w).Get(t.Context(), mention.X, channel.Download{URL: "https://pbs.twimg.com:" + w.Port + "/a"}); reason(err) != media.ReasonHost {
		t.Errorf("a network led to the local server: %v", err)
	}
	for _, bad := range []string{"127.0.0.1:80", "ftp://127.0.0.1", "http://example.com", "http://169.254.169.254", "http://u:p@127.0.0.1", "http://93.184.216.34", "http://127.0.0.1?x", "https://"} {
		if _, err := media.New(media.Config{Local: bad}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is taken: %v", bad, err)
		}
	}
}
