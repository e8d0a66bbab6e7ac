package system

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/gateway"
	"sence.gob.cl/gestor/cmd/gestor/internal/issuer"
	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
	"sence.gob.cl/gestor/cmd/gestor/internal/local"
)

const (
	issuerPath = "/local/oidc"
	// maxWaiting is how many requests may wait for one function. Lambda refuses what exceeds its concurrency; a laptop
	// has fewer cores than Lambda has machines, so here a burst may queue before it is refused.
	maxWaiting = 256
)

// listen takes an address, or says in one line that somebody has it.
func listen(variable, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program (%s chooses another address)", address, variable)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", variable, address, err)
	}
	return l, nil
}

// server guards against clients that take their time: headers within 5 s, a request within 30 s. An answer may take as
// long as a tick does.
func (s *System) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 3 * time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// serve runs a handler on a listener until the system closes.
func (s *System) serve(name string, l net.Listener, h http.Handler) {
	server := s.server(h)
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("%s stopped serving: %w", name, err))
		}
	}()
	s.atClose(func(ctx context.Context) error {
		// Requests under way get a moment; a browser's idle or hanging connections get none.
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			return server.Close()
		}
		return nil
	})
}

// front is what answers on the main address: the control surface under /local/ when it is on, the gateway elsewhere.
func (s *System) front(g http.Handler) http.Handler {
	control := http.NotFoundHandler()
	if !s.opts.exposed() {
		mux := http.NewServeMux()
		mux.Handle("/local/", local.Handler(machine{s}, s.log))
		if s.issuer != nil {
			mux.Handle(issuerPath+"/", s.issuer.Handler())
		}
		control = local.Guard(mux, issuerPath+"/")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/local/") {
			control.ServeHTTP(w, r)
			return
		}
		g.ServeHTTP(w, r)
	})
}

func (s *System) gateway(parameters map[string]string) (http.Handler, error) {
	locals := s.locals(parameters)
	cfg := gateway.Config{
		Invoke: s.request(), Now: s.clock.Now, Wall: s.opts.Wall, Client: &http.Client{Timeout: 10 * time.Second}, NewID: newID, Log: s.log,
	}
	for _, r := range s.tpl.Routes {
		route := gateway.Route{Key: r.Key, Function: r.Function, Timeout: r.Timeout, Scopes: r.Scopes}
		if r.Authorizer != nil {
			issuer, err := s.tpl.Text(r.Authorizer.Issuer, locals)
			if err != nil {
				return nil, err
			}
			route.Authorizer = &gateway.Authorizer{Issuer: issuer}
			for _, v := range r.Authorizer.Audience {
				audience, err := s.tpl.Text(v, locals)
				if err != nil {
					return nil, err
				}
				route.Authorizer.Audience = append(route.Authorizer.Audience, audience)
			}
		}
		cfg.Routes = append(cfg.Routes, route)
	}
	return gateway.New(cfg)
}

// request is the gateway's way to the functions.
func (s *System) request() gateway.Invoker {
	waiting := map[string]*atomic.Int64{}
	for _, f := range s.tpl.Functions {
		waiting[f.Name] = new(atomic.Int64)
	}
	return func(ctx context.Context, function string, payload []byte) ([]byte, bool, error) {
		n := waiting[function]
		defer n.Add(-1)
		if n.Add(1) > maxWaiting {
			return nil, false, gateway.ErrSaturated
		}
		res, err := s.functions.Invoke(ctx, function, payload)
		if errors.Is(err, lambda.ErrClosed) {
			return nil, false, gateway.ErrSaturated
		}
		return res.Payload, res.FunctionError != "", err
	}
}

// signIn makes the local issuer, unless another one was named.
func (s *System) signIn(base, keyFile string) error {
	if s.opts.OIDC.Issuer != "" {
		return nil
	}
	oidc := s.opts.oidc(base)
	i, err := issuer.New(issuer.Config{
		URL: oidc.Issuer, Audience: oidc.Audience, ClientID: oidc.Client, KeyFile: keyFile, Wall: s.opts.Wall,
	})
	s.issuer = i
	return err
}
