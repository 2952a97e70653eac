"""What the end-to-end tests are made of: the gateway's process, a relay, SIP and RTP peers, speech, a mail checker."""
