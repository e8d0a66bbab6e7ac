// Package secrets is the local system's Secrets Manager: it reads secrets from memory to whoever speaks the AWS SDK's
// protocol.
package secrets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	targetPrefix = "secretsmanager."
	mediaType    = "application/x-amz-json-1.1"
	arnPrefix    = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
	bodyLimit    = 64 << 10
)

// Service serves GetSecretValue and DescribeSecret. It is safe for concurrent use.
type Service struct {
	clock func() time.Time

	mu     sync.RWMutex
	values map[string]held
}

// held is one secret and when it got its value.
type held struct {
	text string
	at   time.Time
}

// New serves these values, each under the name or the ARN that is its key. A value under a name is also found by the
// name's ARN: the name behind "secret:", with or without a hyphen and six characters. clock stamps the values.
func New(values map[string]string, clock func() time.Time) *Service {
	s := &Service{clock: clock, values: make(map[string]held)}
	for id, text := range maps.All(values) {
		s.values[id] = held{text, clock()}
	}
	return s
}

// Set gives a secret a value, as a rotation does; readers see it when their caches end.
func (s *Service) Set(id, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[id] = held{text, s.clock()}
}

// find looks an id up: as it is, then by the name inside an ARN.
func (s *Service) find(id string) (key string, found held, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	candidates := []string{id}
	if i := strings.LastIndex(id, ":secret:"); i >= 0 {
		name := id[i+len(":secret:"):]
		candidates = append(candidates, name)
		if cut := len(name) - len("-abcdef"); cut > 0 && name[cut] == '-' {
			candidates = append(candidates, name[:cut])
		}
	}
	for _, key := range candidates {
		if found, ok := s.values[key]; ok {
			return key, found, true
		}
	}
	return "", held{}, false
}

type request struct {
	SecretID     string `json:"SecretId"`
	VersionStage string
}

// answer is GetSecretValue's answer; DescribeSecret's has no SecretString.
type answer struct {
	ARN           string
	Name          string
	VersionID     string `json:"VersionId,omitempty"`
	VersionStages []string
	CreatedDate   float64
	SecretString  *string `json:",omitempty"`
}

// ServeHTTP answers one request in JSON protocol 1.1. The signature is not looked at: the listener is local. Only the
// current value of a secret exists.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var in request
	if err != nil || json.Unmarshal(body, &in) != nil {
		refuse(w, "SerializationException", "the request is no JSON of this action")
		return
	}
	action, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	if action != "GetSecretValue" && action != "DescribeSecret" {
		refuse(w, "UnknownOperationException", "this action is not served locally")
		return
	}
	if in.SecretID == "" {
		refuse(w, "ValidationException", "SecretId is required")
		return
	}
	key, found, ok := s.find(in.SecretID)
	if !ok || in.VersionStage != "" && in.VersionStage != "AWSCURRENT" {
		refuse(w, "ResourceNotFoundException", "no such secret, or no such version of it")
		return
	}
	out := answer{
		ARN: arn(key), Name: name(key), VersionStages: []string{"AWSCURRENT"},
		CreatedDate: float64(found.at.UnixMilli()) / 1000,
	}
	if action == "GetSecretValue" {
		out.VersionID, out.SecretString = version(found.text), &found.text
	}
	reply(w, http.StatusOK, out)
}

// arn is a secret's ARN, whether its key is one or a name.
func arn(key string) string {
	if strings.HasPrefix(key, "arn:") {
		return key
	}
	return arnPrefix + key + "-local0"
}

// name is a secret's name, whether its key is an ARN or the name.
func name(key string) string {
	return key[strings.LastIndex(key, ":")+1:]
}

// version tells two values of a secret apart, in the form of a UUID, without telling anything about them that a reader of
// the value does not know.
func version(text string) string {
	sum := sha256.Sum256([]byte(text))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// refuse answers a client's error.
func refuse(w http.ResponseWriter, kind, message string) {
	w.Header().Set("X-Amzn-Errortype", kind)
	reply(w, http.StatusBadRequest, map[string]string{"__type": kind, "Message": message})
}

func reply(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // a client that has left gets nothing
}
