package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestHandler_Policy: the console may talk to us and to the issuer, wherever that gives its tokens, and to nobody else.
func TestHandler_Policy(t *testing.T) {
	for _, c := range []struct{ name, issuer, domain, want string }{
		{"one origin", "http://127.0.0.1:8080/local/oidc", "", "connect-src 'self' http://127.0.0.1:8080;"},
		{
			"pages of their own", "https://cognito-idp.sa-east-1.amazonaws.com/sa-east-1_x", "https://gestor.auth.sa-east-1.amazoncognito.com",
			"connect-src 'self' https://cognito-idp.sa-east-1.amazonaws.com https://gestor.auth.sa-east-1.amazoncognito.com;",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := Handler(c.issuer, c.domain)
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
	for _, c := range [][2]string{{"", ""}, {"", "https://ejemplo.invalid"}, {"issuer", ""}, {"https://ejemplo.invalid", "auth"}} {
		if _, err := Handler(c[0], c[1]); err == nil {
			t.Errorf("%q was accepted", c)
		}
	}
}
