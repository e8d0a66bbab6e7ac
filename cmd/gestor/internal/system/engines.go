package system

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"sence.gob.cl/gestor/cmd/gestor/internal/clock"
	"sence.gob.cl/gestor/cmd/gestor/internal/durable"
	"sence.gob.cl/gestor/cmd/gestor/internal/objects"
	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
	"sence.gob.cl/gestor/cmd/gestor/internal/secrets"
	"sence.gob.cl/gestor/cmd/gestor/internal/sim"
	"sence.gob.cl/gestor/cmd/gestor/internal/template"
)

// startEngines brings up the clock and what plays SQS, S3, Secrets Manager and DynamoDB.
func (s *System) startEngines(ctx context.Context) error {
	local, err := clock.Open(s.opts.DataDir, s.opts.Wall)
	if err != nil {
		return err
	}
	s.clock = local
	specs, err := queueSpecs(s.tpl)
	if err != nil {
		return err
	}
	s.queues, err = queue.Open(filepath.Join(s.opts.DataDir, "queues"), specs, local.Now, s.log)
	if err != nil {
		return err
	}
	s.atClose(func(context.Context) error { return s.queues.Close() })
	local.OnJump(s.queues.Wake)
	if err := s.engine("AWS_ENDPOINT_URL_SQS", s.queues); err != nil {
		return err
	}
	var buckets []string
	for _, b := range s.tpl.Buckets {
		buckets = append(buckets, bucketName(b))
	}
	store, err := objects.Handler(filepath.Join(s.opts.DataDir, "objects"), buckets, local.Now, s.crossOf)
	if err != nil {
		return err
	}
	if err := s.engine("AWS_ENDPOINT_URL_S3", store); err != nil {
		return err
	}
	return s.startTables(ctx)
}

// crossOf are the pages that may ask for objects of a bucket; nobody asks before it is known.
func (s *System) crossOf(bucket string) []objects.Cross {
	if known := s.cross.Load(); known != nil {
		return (*known)[bucket]
	}
	return nil
}

// letPagesIn works out what the template says of that.
func (s *System) letPagesIn(parameters map[string]string) error {
	locals, all := s.locals(parameters), map[string][]objects.Cross{}
	for _, b := range s.tpl.Buckets {
		for _, c := range b.Cross {
			rule := objects.Cross{Methods: c.Methods, Headers: c.Headers, MaxAge: c.MaxAge}
			for _, v := range c.Origins {
				origin, err := s.tpl.Text(v, locals)
				if err != nil {
					return err
				}
				rule.Origins = append(rule.Origins, origin)
			}
			all[bucketName(b)] = append(all[bucketName(b)], rule)
		}
	}
	s.cross.Store(&all)
	return nil
}

// engine serves an emulator on a free port and remembers its address under the variable by which the SDK finds it.
func (s *System) engine(variable string, h http.Handler) error {
	address, err := s.serveEngine(variable, h)
	if err == nil {
		s.engines[variable] = address
	}
	return err
}

// serveEngine serves on a free port of the address the functions reach, and gives its URL.
func (s *System) serveEngine(name string, h http.Handler) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort(s.opts.EngineHost, "0"))
	if err != nil {
		return "", fmt.Errorf("GESTOR_ENGINE_HOST %s: %w", s.opts.EngineHost, err)
	}
	s.serve(name, l, h)
	return "http://" + l.Addr().String(), nil
}

// startSecrets serves the secrets' values.
func (s *System) startSecrets() error {
	values, err := s.secretValues()
	if err != nil {
		return err
	}
	return s.engine("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.New(values, s.opts.Wall))
}

// bucketName is a bucket's local name; S3 wants lower case.
func bucketName(b template.Bucket) string { return strings.ToLower(b.ID) }

// locals are what the template's Ref and Fn::GetAtt give here.
func (s *System) locals(parameters map[string]string) template.Locals {
	l := template.Locals{
		Account: account, Region: region, Parameters: parameters, Refs: map[string]string{}, Attributes: map[string]string{},
	}
	for _, q := range s.tpl.Queues {
		l.Refs[q.ID] = s.engines["AWS_ENDPOINT_URL_SQS"] + "/" + account + "/" + q.Name()
		l.Attributes[q.ID+".Arn"], l.Attributes[q.ID+".QueueName"] = queue.ARN(q.Name()), q.Name()
	}
	for _, t := range s.tpl.Tables {
		l.Refs[t.ID] = t.ID
		l.Attributes[t.ID+".Arn"] = "arn:aws:dynamodb:" + region + ":" + account + ":table/" + t.ID
		l.Attributes[t.ID+".StreamArn"] = s.tables.streams[t.ID]
	}
	for _, b := range s.tpl.Buckets {
		l.Refs[b.ID] = bucketName(b)
		l.Attributes[b.ID+".Arn"] = "arn:aws:s3:::" + bucketName(b)
	}
	for _, secret := range s.tpl.Secrets {
		l.Refs[secret.ID] = secretARN(secret.ID)
	}
	l.Attributes["Api.ApiEndpoint"] = s.base
	return l
}

// secretARN is the ARN of a secret; the cloud appends six random characters to the name.
func secretARN(id string) string {
	return "arn:aws:secretsmanager:" + region + ":" + account + ":secret:" + id + "-local0"
}

// secretValues are the secrets' contents by ARN, in the form the functions read.
func (s *System) secretValues() (map[string]string, error) {
	keys := map[string]map[string]string{}
	for id, file := range map[string]string{"CitizenKeySecret": "citizen-key", "TokenKeySecret": tokenKeyFile, "ConnectKeySecret": "connect-key"} {
		key, err := keyFile(filepath.Join(s.opts.DataDir, file))
		if err != nil {
			return nil, err
		}
		keys[id] = map[string]string{"key": key}
	}
	app := map[string]string{"appId": sim.DefaultMetaAppID, "appSecret": s.opts.Secrets.MetaApp, "verifyToken": s.opts.Secrets.MetaVerify}
	if s.opts.Secrets.MetaAppPrevious != "" {
		app["appSecretPrevious"] = s.opts.Secrets.MetaAppPrevious
	}
	xApp := map[string]string{
		"consumerKey": sim.DefaultXConsumerKey, "consumerSecret": s.opts.Secrets.X,
		"clientId": sim.DefaultXClientID, "clientSecret": sim.DefaultXClientSecret,
	}
	if s.opts.Secrets.XPrevious != "" {
		xApp["consumerSecretPrevious"] = s.opts.Secrets.XPrevious
	}
	linkedIn := map[string]string{
		"applicationId": linkedInApp, "clientId": sim.DefaultLinkedInClientID, "clientSecret": s.opts.Secrets.LinkedIn,
	}
	if s.opts.Secrets.LinkedInPrevious != "" {
		linkedIn["clientSecretPrevious"] = s.opts.Secrets.LinkedInPrevious
	}
	contents := map[string]any{
		"MetaAppSecret": app, "XAppSecret": xApp, "LinkedInAppSecret": linkedIn, "SiacSecret": map[string]string{"token": siacToken},
	}
	for id, key := range keys {
		contents[id] = key
	}
	out := map[string]string{}
	for _, secret := range s.tpl.Secrets {
		content, ok := contents[secret.ID]
		if !ok {
			return nil, fmt.Errorf("template: %s: the local system has no value for this secret", secret.ID)
		}
		text, err := json.Marshal(content)
		if err != nil {
			return nil, err
		}
		out[secretARN(secret.ID)] = string(text)
	}
	return out, nil
}

// tokenKeyFile holds the key of the accounts' keys.
const tokenKeyFile = "token-key"

// keyFile reads a key of 32 bytes in base64, or makes it. The citizens' may never change once mentions exist, and without that
// of the accounts none of their keys opens, so a file that cannot be read is an error and not a reason for a new one.
func keyFile(file string) (string, error) {
	text, err := os.ReadFile(filepath.Clean(file))
	if err == nil {
		key := strings.TrimSpace(string(text))
		if raw, bad := base64.StdEncoding.DecodeString(key); bad != nil || len(raw) != 32 {
			return "", fmt.Errorf("%s is damaged", file)
		}
		return key, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails; see crypto/rand
	key := base64.StdEncoding.EncodeToString(raw)
	return key, durable.WriteFile(file, []byte(key+"\n"))
}

// writeEnvironments leaves what each function is told where `sam local invoke --env-vars` can read it. It holds
// addresses and names, no secret.
func (s *System) writeEnvironments(all map[string]map[string]string) error {
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(s.opts.DataDir, "functions.json"), append(text, '\n'))
}
