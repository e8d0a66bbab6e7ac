package system

import (
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"

	"sence.gob.cl/gestor/cmd/gestor/internal/local"
)

// startOutside decides where the functions find the networks, SIAC and the mail service. The simulator serves the loopback
// only, because anybody may write as anybody there; containers, which cannot see the loopback, get the doors that want a
// token or a signature and no other.
func (s *System) startOutside() error {
	s.outside = s.simBase
	if !local.IsLoopback(s.opts.EngineHost) {
		where, err := url.Parse(s.simBase)
		if err != nil {
			return err
		}
		doors := http.NewServeMux()
		for _, path := range []string{"/graph/", "/siac-api/", "/ses/", "/x-api/", "/linkedin-api/", "/oauth/v2/", "/cdn/", "/lookaside/"} {
			doors.Handle(path, s.through(where))
		}
		if s.outside, err = s.serveEngine("the simulator's doors", doors); err != nil {
			return err
		}
	}
	s.engines["AWS_ENDPOINT_URL_SESV2"] = s.outside + "/ses" // e-mail ends in the simulator's mailbox
	return nil
}

// through passes requests on to what only listens on the loopback, under the name it knows itself by.
func (s *System) through(where *url.URL) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(where) },
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}
