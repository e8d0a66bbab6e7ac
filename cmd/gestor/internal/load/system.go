package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// System is a running local system, seen from outside.
type System struct {
	base  string
	http  *http.Client
	token string
}

// NewSystem makes the way to the system at base.
func NewSystem(base string) *System {
	return &System{base: base, http: &http.Client{Timeout: 40 * time.Second}}
}

// login becomes the local supervisor, who sees every case but denuncias.
func (s *System) login(ctx context.Context) error {
	var out struct{ Token string }
	if err := s.call(ctx, http.MethodPost, "/local/login", []byte(`{"user":"supervisor"}`), &out); err != nil {
		return err
	}
	s.token = out.Token
	return nil
}

// row is what the load needs of a listed case.
type row struct {
	ID           string  `json:"id"`
	MentionCount int     `json:"mentionCount"`
	Mentions     []shown `json:"mentions"`
}

// shown is what the load needs of a mention.
type shown struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// cases walks every case there is.
func (s *System) cases(ctx context.Context, each func(row)) error {
	for cursor := ""; ; {
		var page struct {
			Items []row  `json:"items"`
			Next  string `json:"next"`
		}
		path := "/api/v1/tickets?view=all&limit=200&cursor=" + url.QueryEscape(cursor)
		if err := s.call(ctx, http.MethodGet, path, nil, &page); err != nil {
			return err
		}
		for _, r := range page.Items {
			if r.MentionCount > 1 {
				if err := s.call(ctx, http.MethodGet, "/api/v1/tickets/"+r.ID, nil, &r); err != nil {
					return err
				}
			}
			each(r)
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// changes asks what changed since the cursor.
func (s *System) changes(ctx context.Context, since string) (tickets []string, cursor string, err error) {
	var out struct {
		Items []struct {
			Ticket string `json:"ticket"`
		} `json:"items"`
		Cursor string `json:"cursor"`
	}
	if err := s.call(ctx, http.MethodGet, "/api/v1/changes?since="+url.QueryEscape(since), nil, &out); err != nil {
		return nil, since, err
	}
	for _, i := range out.Items {
		tickets = append(tickets, i.Ticket)
	}
	return tickets, out.Cursor, nil
}

// deliver posts a signed body and gives the status.
func (s *System) deliver(ctx context.Context, source, header, signature string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/webhooks/"+source, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set(header, signature)
	req.Header.Set("Content-Type", "application/json")
	res, err := s.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, err
	}
	return res.StatusCode, nil
}

// repaired counts what the system found by looking, on all its channels.
func (s *System) repaired(ctx context.Context) (int, error) {
	var out struct {
		Items []struct {
			Repaired int `json:"repaired"`
		} `json:"items"`
	}
	err := s.call(ctx, http.MethodGet, "/api/v1/channels", nil, &out)
	sum := 0
	for _, i := range out.Items {
		sum += i.Repaired
	}
	return sum, err
}

func (s *System) call(ctx context.Context, method, path string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	res, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(out)
}
