package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// question is what a network asks an address to prove itself, and the answer it wants.
type question struct {
	query url.Values
	right func(body []byte) bool
}

// question makes the question of a network: Meta's word and challenge, X's token and LinkedIn's code, which come back
// signed (platforms.md §2, §3 and §4).
func (s *Simulator) question(network string) question {
	word := token(network+s.cfg.Clock().String(), 10)
	member := func(name, want string) func([]byte) bool {
		return func(body []byte) bool {
			var answer map[string]string
			return json.Unmarshal(body, &answer) == nil && answer[name] == want
		}
	}
	switch network {
	case targetX:
		return question{url.Values{"crc_token": {word}}, member("response_token", "sha256="+sign64(s.cfg.XConsumerSecret, []byte(word)))}
	case targetLinkedIn:
		sum := sha256.Sum256([]byte(word))
		h := hex.EncodeToString(sum[:])
		code := h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
		return question{url.Values{"challengeCode": {code}}, member("challengeResponse", sign256(s.cfg.LinkedInClientSecret, []byte(code)))}
	}
	challenge := "desafio-" + word
	return question{
		url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {s.cfg.VerifyToken}, "hub.challenge": {challenge}},
		func(body []byte) bool { return strings.TrimSpace(string(body)) == challenge },
	}
}

// handshake asks the webhook of a network to prove itself, as they do when somebody saves its address.
func (s *Simulator) handshake(ctx context.Context, network string) error {
	q := s.question(network)
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.cfg.WebhookBase+"/webhooks/"+network+"?"+q.query.Encode(), nil)
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
	case !q.right(body):
		return failed("el webhook no devolvió el desafío")
	}
	return nil
}

func (s *Simulator) postHandshake(w http.ResponseWriter, r *http.Request) {
	err := known(r.PathValue("network"))
	if err == nil {
		err = s.handshake(r.Context(), r.PathValue("network"))
	}
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"detail": "El webhook contestó el saludo."})
}
