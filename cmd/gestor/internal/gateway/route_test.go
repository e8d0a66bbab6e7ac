package gateway

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func ourKeys() []string {
	return []string{
		"GET /webhooks/{network}", "POST /webhooks/{network}", "ANY /api/v1/{proxy+}", "GET /api/v1/openapi.json",
		"GET /healthz", "GET /config.json", "GET /", "GET /{proxy+}",
	}
}

func routerOf(t testing.TB, keys ...string) *router {
	t.Helper()
	routes := make([]Route, len(keys))
	for i, k := range keys {
		routes[i] = Route{Key: k}
	}
	r, err := newRouter(routes)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRouter_OurRoutes(t *testing.T) {
	r := routerOf(t, ourKeys()...)
	cases := []struct {
		method, path, key string
		parameters        map[string]string
	}{
		{"GET", "/webhooks/facebook", "GET /webhooks/{network}", map[string]string{"network": "facebook"}},
		{"POST", "/webhooks/x", "POST /webhooks/{network}", map[string]string{"network": "x"}},
		{"PUT", "/webhooks/x", "", nil},
		{"POST", "/webhooks/x/y", "", nil},
		{"POST", "/webhooks/", "", nil},
		{"GET", "/api/v1/openapi.json", "GET /api/v1/openapi.json", nil},
		{"POST", "/api/v1/openapi.json", "ANY /api/v1/{proxy+}", map[string]string{"proxy": "openapi.json"}},
		{"DELETE", "/api/v1/posts/1", "ANY /api/v1/{proxy+}", map[string]string{"proxy": "posts/1"}},
		{"GET", "/api/v1/tickets/", "ANY /api/v1/{proxy+}", map[string]string{"proxy": "tickets/"}},
		{"GET", "/api/v1/", "GET /{proxy+}", map[string]string{"proxy": "api/v1/"}},
		{"POST", "/api/v1", "", nil},
		{"GET", "/", "GET /", nil},
		{"HEAD", "/", "", nil},
		{"GET", "/healthz", "GET /healthz", nil},
		{"GET", "/assets/app.js", "GET /{proxy+}", map[string]string{"proxy": "assets/app.js"}},
		{"GET", "//api/v1/tickets", "GET /{proxy+}", map[string]string{"proxy": "/api/v1/tickets"}},
		{"GET", "", "", nil},
		{"GET", "healthz", "", nil},
	}
	for _, c := range cases {
		route, parameters, ok := r.match(c.method, c.path)
		if got := keyOf(route); ok != (c.key != "") || got != c.key {
			t.Errorf("%s %q: got %q, want %q", c.method, c.path, got, c.key)
		}
		if diff := cmp.Diff(c.parameters, parameters, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s %q parameters (-want +got):\n%s", c.method, c.path, diff)
		}
	}
}

func keyOf(r *Route) string {
	if r == nil {
		return ""
	}
	return r.Key
}

func TestRouter_Precedence(t *testing.T) {
	// The order of declaration must not matter.
	keys := []string{
		"$default", "ANY /{proxy+}", "GET /pets/{proxy+}", "GET /{kind}/dog", "ANY /pets/{id}", "GET /pets/{id}", "GET /pets/dog",
		"GET /{kind}/{id}", "ANY /pets/dog/{proxy+}",
	}
	cases := []struct{ method, path, want string }{
		{"GET", "/pets/dog", "GET /pets/dog"},
		{"POST", "/pets/dog", "ANY /pets/{id}"},
		{"GET", "/pets/cat", "GET /pets/{id}"},
		{"GET", "/cars/dog", "GET /{kind}/dog"},
		{"GET", "/cars/red", "GET /{kind}/{id}"},
		{"GET", "/pets/dog/tail", "ANY /pets/dog/{proxy+}"},
		{"GET", "/pets/cat/tail", "GET /pets/{proxy+}"},
		{"POST", "/pets/cat/tail", "ANY /{proxy+}"},
		{"POST", "/", "$default"},
	}
	for range 2 {
		r := routerOf(t, keys...)
		for _, c := range cases {
			route, _, _ := r.match(c.method, c.path)
			if got := keyOf(route); got != c.want {
				t.Errorf("%s %s: got %q, want %q", c.method, c.path, got, c.want)
			}
		}
		slices.Reverse(keys)
	}
}

func TestRouter_RefusesWrongRoutes(t *testing.T) {
	for _, key := range []string{
		"", "GET", "GET pets", " /pets", "GET /{}", "GET /{+}", "GET /{a", "GET /{all+}/pets", "GET /{all+}/",
	} {
		if _, err := newRouter([]Route{{Key: key}}); err == nil {
			t.Errorf("%q was accepted", key)
		}
	}
	if _, err := newRouter([]Route{{Key: "GET /a"}, {Key: "GET /a"}}); err == nil {
		t.Error("the same route twice was accepted")
	}
}

// FuzzRouter checks every match against its definition: the variables put back into the pattern give the path, and no
// route that matches is better.
func FuzzRouter(f *testing.F) {
	for _, path := range []string{"/", "", "/webhooks/x", "/api/v1/tickets/1/reply", "/api/v1/", "//", "/a//b", "/%2e", "/webhooks/x/"} {
		f.Add("GET", path)
		f.Add("POST", path)
	}
	r := routerOf(f, append(ourKeys(), "GET /{a}/{b}", "ANY /webhooks/{x}", "GET /e/{token}")...)
	f.Fuzz(func(t *testing.T, method, path string) {
		route, parameters, ok := r.match(method, path)
		var best *pattern
		for i := range r.patterns {
			p := &r.patterns[i]
			if (p.method == method || p.method == "ANY") && describes(p, path) && (best == nil || precedence(*p, *best) < 0) {
				best = p
			}
		}
		if ok != (best != nil) {
			t.Fatalf("%s %q: matched %v, a slow look says %v", method, path, ok, best != nil)
		}
		if !ok {
			return
		}
		if route.Key != best.route.Key {
			t.Fatalf("%s %q: got %q, a slow look says %q", method, path, route.Key, best.route.Key)
		}
		if got := fill(best, parameters); got != path {
			t.Fatalf("%s %q: variables %v give %q", method, path, parameters, got)
		}
		if slices.Contains(slices.Collect(maps.Values(parameters)), "") {
			t.Fatalf("%s %q: an empty variable in %v", method, path, parameters)
		}
	})
}

// describes is the definition of a match, told by the pieces of the path.
func describes(p *pattern, path string) bool {
	if !strings.HasPrefix(path, "/") {
		return false
	}
	parts := strings.Split(path[1:], "/")
	n := len(p.segments)
	if p.greedy() {
		if len(parts) < n || strings.Join(parts[n-1:], "/") == "" {
			return false
		}
		n--
	} else if len(parts) != n {
		return false
	}
	for i := range n {
		if s := p.segments[i]; s.kind == literal && s.text != parts[i] || s.kind == variable && parts[i] == "" {
			return false
		}
	}
	return true
}

func fill(p *pattern, parameters map[string]string) string {
	var b strings.Builder
	for _, s := range p.segments {
		b.WriteString("/")
		if s.kind == literal {
			b.WriteString(s.text)
		} else {
			b.WriteString(parameters[s.text])
		}
	}
	return b.String()
}
