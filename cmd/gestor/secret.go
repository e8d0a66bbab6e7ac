package main

// The local system's secrets when the environment names none. Everybody knows them, so `run` refuses them on any address
// that other machines reach.
const (
	defaultMetaAppSecret        = "local-meta-app-secret"
	defaultVerifyToken          = "local-verify-token"
	defaultXConsumerSecret      = "local-x-consumer-secret"
	defaultLinkedinClientSecret = "local-linkedin-client-secret"
	defaultSiacCallbackSecret   = "local-siac-callback-secret"
)

// secretNames maps the environment's names of secrets to their defaults.
func secretNames() map[string]string {
	return map[string]string{
		"GESTOR_META_APP_SECRET":        defaultMetaAppSecret,
		"GESTOR_META_VERIFY_TOKEN":      defaultVerifyToken,
		"GESTOR_X_CONSUMER_SECRET":      defaultXConsumerSecret,
		"GESTOR_LINKEDIN_CLIENT_SECRET": defaultLinkedinClientSecret,
		"GESTOR_SIAC_CALLBACK_SECRET":   defaultSiacCallbackSecret,
	}
}

// secret gives a secret by its environment name, or its local default.
func (t terminal) secret(name string) string { return t.setting(name, secretNames()[name]) }

// setting gives an environment variable, or what stands for it when it is not set.
func (t terminal) setting(name, absent string) string {
	if v := t.env(name); v != "" {
		return v
	}
	return absent
}
