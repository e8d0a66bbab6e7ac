package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// xProblem is X's error (RFC 9457).
type xProblem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Type   string `json:"type"`
	Status int    `json:"status"`
}

func (p *xProblem) Error() string { return p.Detail }

// Types of X's problems that are more than their status.
const (
	xBlank         = "about:blank"
	xInvalid       = "https://api.twitter.com/2/problems/invalid-request"
	xNotFound      = "https://api.twitter.com/2/problems/resource-not-found"
	xNotAuthorized = "https://api.twitter.com/2/problems/not-authorized-for-resource"
)

func xForbidden(kind, detail string) *xProblem {
	return &xProblem{"Forbidden", detail, kind, http.StatusForbidden}
}

func xBad(detail string) *xProblem {
	return &xProblem{"Invalid Request", detail, xInvalid, http.StatusBadRequest}
}

// How much one account may post: 100 in a quarter of an hour. The simulator counts nobody down.
const (
	xQuota  = 100
	xWindow = 15 * time.Minute
)

// rates sets the headers that say what is left of the quota.
func (s *Simulator) rates(h http.Header, left int, reset time.Duration) {
	h.Set("X-Rate-Limit-Limit", strconv.Itoa(xQuota))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(left))
	h.Set("X-Rate-Limit-Reset", strconv.FormatInt(s.cfg.Clock().Add(reset).Unix(), 10))
}

func (s *Simulator) writeX(w http.ResponseWriter, status int, v any) {
	if w.Header().Get("X-Rate-Limit-Limit") == "" {
		s.rates(w.Header(), xQuota-1, xWindow)
	}
	writeJSON(w, status, v)
}

func (s *Simulator) writeXError(w http.ResponseWriter, err error) {
	no, ok := err.(*xProblem) //nolint:errorlint // made here and wrapped by nobody
	if !ok {
		no = &xProblem{"Internal Server Error", "Something is broken.", xBlank, http.StatusInternalServerError}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	s.writeX(w, no.Status, no)
}

// refuseX answers a write under a fault that does not let it happen.
func (s *Simulator) refuseX(w http.ResponseWriter, _, mode string) {
	switch mode {
	case refuse429:
		s.rates(w.Header(), 0, retryAfter*time.Second)
		s.writeXError(w, &xProblem{"Too Many Requests", "Too Many Requests", xBlank, http.StatusTooManyRequests})
	case tokenExpired:
		s.writeXError(w, &xProblem{"Unauthorized", "Unauthorized", xBlank, http.StatusUnauthorized})
	default:
		s.writeXError(w, &xProblem{"Internal Server Error", "Internal Server Error", xBlank, http.StatusInternalServerError})
	}
}

// xCall is one call of X: what it wants of a key, and what answers it.
type xCall struct {
	pattern string
	whose   string
	needs   []string
	answer  func(r *http.Request) (int, any, error)
}

// xCalls are the calls our system makes.
func (s *Simulator) xCalls() []xCall {
	read, write := []string{"tweet.read", "users.read"}, []string{"tweet.write"}
	dm, say, bring := []string{"dm.read"}, []string{"dm.write"}, []string{"media.write"}
	return []xCall{
		{"POST /2/tweets", xUserKey, write, s.xPublish},
		{"POST /2/media/upload/initialize", xUserKey, bring, s.xInitialize},
		{"POST /2/media/upload/{id}/append", xUserKey, bring, s.xAppend},
		{"POST /2/media/upload/{id}/finalize", xUserKey, bring, s.xFinalize},
		{"GET /2/media/upload", xUserKey, bring, s.xStatus},
		{"POST /2/media/metadata", xUserKey, bring, s.xMetadata},
		{"GET /2/tweets", xAnyKey, read, s.xSeveral},
		{"GET /2/tweets/{id}", xAnyKey, read, s.xOne},
		{"PUT /2/tweets/{id}/hidden", xUserKey, []string{"tweet.moderate.write"}, s.xHide},
		{"DELETE /2/tweets/{id}", xUserKey, write, s.xRemove},
		{"GET /2/tweets/search/recent", xAnyKey, read, s.xSearch},
		{"GET /2/users/{id}/tweets", xAnyKey, read, s.xTimeline},
		{"GET /2/users/{id}/mentions", xAnyKey, read, s.xMentions},
		{"GET /2/users/me", xUserKey, []string{"users.read"}, s.xMe},
		{"POST /2/dm_conversations/with/{id}/messages", xUserKey, say, s.xWrite},
		{"GET /2/dm_conversations/with/{id}/dm_events", xUserKey, dm, s.xTalk},
		{"GET /2/dm_conversations/media/{dm}/{media}/{resource}", xUserKey, dm, s.xMediumOf},
		{"GET /2/dm_events", xUserKey, dm, s.xEvents},
		{"GET /2/dm_events/{id}", xUserKey, dm, s.xEventOf},
		{"GET /2/webhooks", xAppKey, nil, s.xHooks},
		{"POST /2/webhooks", xAppKey, nil, s.xNewHook},
		{"PUT /2/webhooks/{id}", xAppKey, nil, s.xRecheck},
		{"GET /2/activity/subscriptions", xAnyKey, nil, s.xSubscriptions},
		{"POST /2/activity/subscriptions", xAnyKey, nil, s.xSubscribe},
		{"DELETE /2/activity/subscriptions/{id}", xAnyKey, nil, s.xUnsubscribe},
	}
}

// xAPI is X's API v2 as far as our system calls it, and its sign-in.
func (s *Simulator) xAPI() http.Handler {
	mux := http.NewServeMux()
	for _, c := range s.xCalls() {
		method, path, _ := strings.Cut(c.pattern, " ")
		mux.HandleFunc(method+" /x-api"+path, func(w http.ResponseWriter, r *http.Request) {
			k, err := s.xOpen(r, c.whose, c.needs)
			status, v := 0, any(nil)
			switch {
			case err != nil:
			case k.Kind != keyApp && isSecond(k.Accounts[0]) && r.Method != http.MethodGet:
				err = xForbidden(xBlank, "You are not permitted to perform this action.") // nobody writes to that account
			default:
				status, v, err = c.answer(withKey(r, k))
			}
			if k != nil && k.Kind == keyOAuth1 {
				w.Header().Set("X-Access-Level", "read-write-directmessages")
			}
			if err != nil {
				s.writeXError(w, err)
				return
			}
			if m, ok := v.(medium); ok {
				writeMedium(w, m)
				return
			}
			s.writeX(w, status, v)
		})
	}
	mux.HandleFunc("POST /x-api/2/oauth2/token", s.xToken)
	mux.HandleFunc("POST /x-api/oauth2/token", s.xAppToken)
	mux.HandleFunc("POST /x-api/oauth/request_token", s.xRequestToken)
	mux.HandleFunc("POST /x-api/oauth/access_token", s.xAccessToken)
	mux.HandleFunc("GET /x-api/oauth/authorize", s.pageConsent(appX))
	mux.HandleFunc("GET /x-api/i/oauth2/authorize", s.pageConsent(appX))
	mux.HandleFunc("/x-api/", func(w http.ResponseWriter, _ *http.Request) {
		s.writeXError(w, &xProblem{"Not Found", "Not Found", xBlank, http.StatusNotFound})
	})
	return mux
}

// xBody reads the body of a call.
func xBody(r *http.Request, into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	if err != nil || json.Unmarshal(body, into) != nil {
		return xBad("One or more parameters to your request was invalid.")
	}
	return nil
}

// xPublish is POST /2/tweets.
func (s *Simulator) xPublish(r *http.Request) (int, any, error) {
	var in struct {
		Text  string `json:"text"`
		Reply struct {
			To string `json:"in_reply_to_tweet_id"`
		} `json:"reply"`
		Media struct {
			IDs []string `json:"media_ids"`
		} `json:"media"`
	}
	if err := xBody(r, &in); err != nil {
		return 0, nil, err
	}
	n, _ := networkOf(targetX)
	var id, told string
	err := s.commit(func(t *tx) error {
		to := t.w.items[in.Reply.To]
		if err := t.w.xRefused(n, to, in.Reply.To, in.Text, len(in.Media.IDs) > 0); err != nil {
			return err
		}
		media, err := t.xHung(in.Media.IDs)
		if err != nil {
			return err
		}
		it := item{Kind: kindPost, ID: t.number(n), Text: in.Text, InReplyTo: in.Reply.To, Media: media}
		it.Thread = it.ID
		if to != nil {
			it.Kind, it.Thread, it.Parent = kindComment, to.Thread, to.ID
		}
		id, told = t.speak(n, it)
		t.used(in.Media.IDs, id)
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	s.echoFirst(targetX, id, told)
	return http.StatusCreated, obj{"data": obj{"id": id, "text": in.Text, "edit_history_tweet_ids": []string{id}}}, nil
}

// xRefused says why X does not publish: an application may only answer posts that name or quote its account.
func (w *world) xRefused(n network, to *item, target, text string, withMedia bool) error {
	switch {
	case strings.TrimSpace(text) == "" && !withMedia:
		return xBad("One or more parameters to your request was invalid.")
	case weight(text) > xLongest:
		return xBad("Your Tweet text is too long. You must specify a shorter text.")
	case slices.ContainsFunc(w.at(n.Name).sent, func(id string) bool { return w.items[id].Text == text && text != "" && w.items[id].Kind != kindDM }):
		return xForbidden(xBlank, "You are not allowed to create a Tweet with duplicate content.")
	case target == "":
		return nil
	case to == nil || to.Removed || to.Network != n.Name || to.Kind == kindDM:
		return xForbidden(xBlank, "You attempted to reply to a Tweet that is deleted or not visible to you.")
	case to.Mute:
		return xForbidden(xNotAuthorized, "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.")
	}
	return nil
}
