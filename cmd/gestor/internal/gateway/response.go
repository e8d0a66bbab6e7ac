package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// answer is what the client gets.
type answer struct {
	status  int
	headers map[string]string
	cookies []string
	body    []byte
}

// parseAnswer reads a function's result in format 2.0. Without a statusCode the whole result is the body of a 200 in
// JSON, as API Gateway infers it.
func parseAnswer(payload []byte) (answer, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(payload, &object); err != nil || object["statusCode"] == nil {
		return inferAnswer(payload)
	}
	var full struct {
		StatusCode      int            `json:"statusCode"`
		Headers         map[string]any `json:"headers"`
		Cookies         []string       `json:"cookies"`
		Body            string         `json:"body"`
		IsBase64Encoded bool           `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(payload, &full); err != nil {
		return answer{}, errors.New("its answer is not of payload format 2.0")
	}
	if full.StatusCode < 200 || full.StatusCode > 599 {
		return answer{}, fmt.Errorf("its answer has status %d", full.StatusCode)
	}
	a := answer{status: full.StatusCode, headers: map[string]string{}, cookies: full.Cookies, body: []byte(full.Body)}
	for name, value := range full.Headers {
		switch value.(type) {
		case string, bool, float64:
			a.headers[name] = fmt.Sprint(value)
		default:
			return answer{}, errors.New("its answer has a header that is not a text")
		}
	}
	if full.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(full.Body)
		if err != nil {
			return answer{}, errors.New("its answer says base64 and is not")
		}
		a.body = body
	}
	return a, nil
}

func inferAnswer(payload []byte) (answer, error) {
	if !json.Valid(payload) {
		return answer{}, errors.New("its answer is not JSON")
	}
	a := answer{status: http.StatusOK, headers: map[string]string{"content-type": "application/json"}, body: payload}
	var text string
	if json.Unmarshal(payload, &text) == nil && len(payload) > 0 && payload[0] == '"' {
		a.body = []byte(text)
	}
	return a, nil
}

func (a answer) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, value := range a.headers {
		switch strings.ToLower(name) {
		case "connection", "transfer-encoding", "content-length", "keep-alive", "upgrade":
			// These belong to the connection, which is the server's.
			continue
		}
		h.Set(name, value)
	}
	for _, cookie := range a.cookies {
		h.Add("Set-Cookie", cookie)
	}
	if h.Get("Content-Type") == "" {
		// Otherwise the server would guess from the bytes, and a guess of text/html would be a hole.
		h.Set("Content-Type", "text/plain;charset=utf-8")
	}
	w.WriteHeader(a.status)
	if r.Method == http.MethodHead || a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		return
	}
	_, _ = w.Write(a.body)
}
