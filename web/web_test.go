package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestHandler_Policy: the console may talk to us, to the issuer, wherever that gives its tokens, and to the storage, whose files
// it shows; and to nobody else.
func TestHandler_Policy(t *testing.T) {
	for _, c := range []struct{ name, issuer, domain, storage, want string }{
		{
			"one machine", "http://127.0.0.1:8080/local/oidc", "", "http://127.0.0.1:9000",
			"img-src 'self' data: http://127.0.0.1:9000; media-src http://127.0.0.1:9000; font-src 'self'; connect-src 'self' http://127.0.0.1:8080 http://127.0.0.1:9000;",
		},
		{
			"pages of their own", "https://cognito-idp.sa-east-1.amazonaws.com/sa-east-1_x", "https://gestor.auth.sa-east-1.amazoncognito.com", "https://archivos.example/x",
			"connect-src 'self' https://cognito-idp.sa-east-1.amazonaws.com https://gestor.auth.sa-east-1.amazoncognito.com https://archivos.example;",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := Handler(c.issuer, c.domain, c.storage)
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
			if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, c.want) || !strings.Contains(got, "default-src 'none'") {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

func TestHandler_RefusesWhatIsNoAddress(t *testing.T) {
	const some = "https://ejemplo.invalid"
	for _, c := range [][3]string{{"", "", some}, {"", some, some}, {"issuer", "", some}, {some, "auth", some}, {some, "", ""}, {some, some, "archivos"}} {
		if _, err := Handler(c[0], c[1], c[2]); err == nil {
			t.Errorf("%q was accepted", c)
		}
	}
}
