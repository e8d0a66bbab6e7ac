package local

import (
	"mime"
	"net"
	"net/http"
	"strings"
)

// Guard lets a request to /local/ through only when it was meant for this machine: the name in Host is of the loopback
// (a page on another name that resolves to 127.0.0.1 is a DNS-rebinding attack), a page that asks is our own, and a
// POST carries JSON, which a form of another page cannot send. forms are path prefixes whose protocol demands forms.
func Guard(next http.Handler, forms ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !IsLoopback(r.Host):
			problem(w, http.StatusForbidden, "Solo en este equipo", "El sistema local se usa por 127.0.0.1 o localhost.")
		case r.Header.Get("Origin") != "" && r.Header.Get("Origin") != "http://"+r.Host:
			problem(w, http.StatusForbidden, "Otro origen", "El sistema local no atiende a páginas de otro origen.")
		case writes(r.Method) && !isJSON(r) && !under(r.URL.Path, forms):
			problem(w, http.StatusForbidden, "Falta JSON", "Envía la petición con Content-Type: application/json.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func writes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

func isJSON(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/json"
}

func under(path string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// IsLoopback reports whether a host, with or without port, can only be this machine.
func IsLoopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}
