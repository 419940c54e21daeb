"""What is a proof: triage, proof, and what counts as the target being better."""
