"""The contracts as /openapi.json names them: its tags, and the files of their examples."""

ORC = "orc-rust-ator"
OLAKE = "Olake"
MODELLING = "Modelling"
KARYAKSHAM = "Karyaksham"
ETL_BUILDER = "ETL Builder"
MILLRACE = "Millrace"

SENTENCES = {
    OLAKE: "Sources, destinations and the sync jobs between them.",
    ORC: "Task jobs: tasks that run in order, on a schedule or by hand; and their runs.",
    KARYAKSHAM: "File jobs: a file is uploaded, reshaped step by step, and downloaded.",
    ETL_BUILDER: "Pipelines that are drawn, their executions, connections and modules.",
    MODELLING: "Workspaces: what the data means, drawn and edited together.",
    MILLRACE: "What this platform offers beyond the five contracts.",
}
TAGS = [{"name": name, "description": sentence} for name, sentence in SENTENCES.items()]
# The contract that each tag stands for, as `config.api.examples` knows it.
FILES = {
    OLAKE: "olake",
    ORC: "orc-rust-ator",
    KARYAKSHAM: "karyaksham",
    ETL_BUILDER: "etl-builder",
    MODELLING: "data-modelling",
}
