package sim

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// handshake asks the webhook to prove itself, as Meta does when somebody saves its address.
func (s *Simulator) handshake(ctx context.Context) error {
	challenge := "desafio-" + token(s.cfg.Clock().String(), 10)
	q := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {s.cfg.VerifyToken}, "hub.challenge": {challenge}}
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.cfg.WebhookBase+"/webhooks/facebook?"+q.Encode(), nil)
	if err != nil {
		return fmt.Errorf("sim: handshake: %w", err)
	}
	failed := func(why string) error { return &refusal{http.StatusBadGateway, "El saludo falló: " + why + "."} }
	res, err := s.cfg.Client.Do(req)
	if err != nil {
		return failed("el webhook no contesta")
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit))
	switch {
	case err != nil:
		return failed("la respuesta llegó cortada")
	case res.StatusCode != http.StatusOK:
		return failed(fmt.Sprintf("el webhook respondió %d", res.StatusCode))
	case strings.TrimSpace(string(body)) != challenge:
		return failed("el webhook no devolvió el desafío")
	}
	return nil
}

func (s *Simulator) postHandshake(w http.ResponseWriter, r *http.Request) {
	if err := s.handshake(r.Context()); err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"detail": "El webhook contestó el saludo."})
}
