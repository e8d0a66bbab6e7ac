package objects

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Cross lets pages of some origins ask for objects of a bucket: with which methods, and with which headers of their own. MaxAge
// is for how many seconds they need not ask again whether they may.
type Cross struct {
	Origins, Methods, Headers []string
	MaxAge                    int
}

// crossing answers browsers as S3 does whose bucket has these rules, where gofakes3 lets everybody in.
func crossing(rules func(bucket string) []Cross, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		method, asks := r.Method, r.Method == http.MethodOptions
		if asks {
			method = r.Header.Get("Access-Control-Request-Method")
		}
		origin := r.Header.Get("Origin")
		rule, let := Cross{}, false
		for _, c := range rules(bucket) {
			if !let && origin != "" && slices.Contains(c.Origins, origin) && slices.Contains(c.Methods, method) && c.heads(r) {
				rule, let = c, true
			}
		}
		allow := func(h http.Header) {
			for name := range h {
				if strings.HasPrefix(name, "Access-Control-") {
					h.Del(name)
				}
			}
			if let {
				h.Set("Access-Control-Allow-Origin", origin)
				h.Set("Access-Control-Allow-Methods", strings.Join(rule.Methods, ", "))
				h.Set("Vary", "Origin")
			}
		}
		switch {
		case !asks:
			answer := &headed{ResponseWriter: w, change: func(h http.Header, _ int) { allow(h) }}
			next.ServeHTTP(answer, r)
			answer.head(http.StatusOK) // where nothing was written
		case !let:
			http.Error(w, "CORSResponse: This CORS request is not allowed.", http.StatusForbidden)
		default:
			allow(w.Header())
			w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
			w.Header().Set("Access-Control-Max-Age", strconv.Itoa(rule.MaxAge))
		}
	})
}

// heads reports whether the rule lets the headers be sent that are asked about.
func (c Cross) heads(r *http.Request) bool {
	for name := range strings.SplitSeq(r.Header.Get("Access-Control-Request-Headers"), ",") {
		name = strings.TrimSpace(name)
		if name != "" && !slices.ContainsFunc(c.Headers, func(let string) bool { return strings.EqualFold(let, name) }) {
			return false
		}
	}
	return true
}
