"""Made-up documents for property tests: every field, every kind of relationship, odd names."""

from uuid import UUID

from hypothesis import strategies as st

from modelling.schema import (
    CARDINALITIES,
    MODEL_TYPES,
    OPTIONALITIES,
    Column,
    Connection,
    Diagram,
    Document,
    Domain,
    Node,
    Relationship,
    Table,
)

ids = st.builds(UUID, int=st.integers(0, 2**128 - 1))
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
odd_names = st.sampled_from(
    [
        "no",
        "1.0",
        "a.b",
        "order items",
        "select",
        "x-y",
        "null",
        "Größe",
        "é\u2028",
        " a",
        "#",
        "😀",
    ]
)
plain = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
names = st.one_of(plain, odd_names, texts.filter(lambda text: bool(text.strip())))
types = (
    st.sampled_from(
        [
            "BIGINT",
            "VARCHAR(18)",
            "DECIMAL(10,2)",
            "uuid",
            "timestamptz",
            "text[]",
            "JSON",
            "",
            "geometry",
        ]
    )
    | plain
)
numbers = st.integers(-1000, 1000).map(float) | st.floats(-1e6, 1e6, allow_nan=False)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(texts, json_values, max_size=3)
extras = st.just({}) | st.dictionaries(st.sampled_from(["sql", "dbt"]), objects, max_size=2)


def columns(draw, own_ids, references):
    return tuple(
        Column(
            id=own_id,
            name=name,
            data_type=draw(types),
            nullable=draw(st.booleans()),
            is_primary_key=draw(st.booleans()),
            is_foreign_key=draw(st.booleans()),
            foreign_key_reference=draw(st.none() | st.sampled_from(references)),
            default_value=draw(st.none() | texts),
            constraints=draw(
                st.just({}) | st.just({"unique": True}) | st.just({"check": "a > 0"}) | objects
            ),
            order=order,
            description=draw(texts),
            extras=draw(extras),
        )
        for order, (own_id, name) in enumerate(
            zip(own_ids, draw(unique_names(len(own_ids))), strict=True)
        )
    )


def unique_names(count):
    return st.lists(names, min_size=count, max_size=count, unique=True)


def relationship(draw, own_id, tables):
    source, target = draw(st.sampled_from(tables)), draw(st.sampled_from(tables))
    sides = [
        draw(st.lists(st.sampled_from(side.columns), max_size=3, unique_by=lambda one: one.id))
        if side.columns
        else []
        for side in (source, target)
    ]
    if draw(st.booleans()):
        width = min(len(side) for side in sides)
        sides = [side[:width] for side in sides]
    return Relationship(
        id=own_id,
        source_table_id=source.id,
        target_table_id=target.id,
        source_column_ids=tuple(column.id for column in sides[0]),
        target_column_ids=tuple(column.id for column in sides[1]),
        cardinality=draw(st.sampled_from(CARDINALITIES)),
        optionality=draw(st.sampled_from(OPTIONALITIES)),
        name=draw(texts),
        extras=draw(extras),
    )


def diagram(draw, own_ids, name, tables):
    nodes = tuple(
        Node(
            id=own_id,
            type="api",
            name=f"n{place}",
            position_x=draw(numbers),
            metadata=draw(objects),
        )
        for place, own_id in enumerate(own_ids[1:3])
    )
    arrow = Connection(
        id=own_ids[3], source_node_id=nodes[0].id, target_node_id=nodes[1].id, label=draw(texts)
    )
    return Diagram(
        id=own_ids[0],
        name=name,
        nodes=nodes,
        connections=(arrow,),
        linked_tables=tuple(table.id for table in tables[:2]),
        extras=draw(extras),
    )


def table(draw, own_id, own_columns, domain_ids, name):
    return Table(
        id=own_id,
        name=name,
        alias=draw(texts),
        description=draw(texts),
        primary_domain_id=draw(domain_ids),
        visible_domains=tuple(draw(st.lists(domain_ids, max_size=2))),
        model_type=draw(st.sampled_from(MODEL_TYPES)),
        position_x=draw(numbers),
        position_y=draw(numbers),
        width=draw(st.floats(1, 5000)),
        columns=own_columns,
        extras=draw(extras),
    )


@st.composite
def documents(draw):
    widths = draw(st.lists(st.integers(0, 4), max_size=4))
    links = draw(st.integers(0, 4)) if widths else 0
    pool = draw(st.lists(ids, min_size=60, max_size=60, unique=True))
    take = iter(pool).__next__
    domain_names = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    domains = tuple(
        Domain(
            id=take(),
            name=name,
            model_type=draw(st.sampled_from(MODEL_TYPES)),
            is_primary=draw(st.booleans()),
            extras=draw(extras),
        )
        for name in domain_names
    )
    domain_ids = st.sampled_from([domain.id for domain in domains])
    column_ids = [[take() for _ in range(width)] for width in widths]
    references = [one for some in column_ids for one in some] or [pool[0]]
    tables = tuple(
        table(draw, take(), columns(draw, own, references), domain_ids, name)
        for own, name in zip(column_ids, draw(unique_names(len(widths))), strict=True)
    )
    drawn = draw(st.lists(names, max_size=2, unique=True))
    return Document(
        id=take(),
        name=draw(names),
        type=draw(st.sampled_from(["personal", "shared"])),
        domains=domains,
        tables=tables,
        relationships=tuple(relationship(draw, take(), tables) for _ in range(links)),
        diagrams=tuple(diagram(draw, [take() for _ in range(4)], name, tables) for name in drawn),
        extras=draw(extras),
    )


def by_id(document):
    """Return a document with its relationships in the order of their ids, which say nothing."""
    inner = sorted(document.relationships, key=lambda one: one.id)
    return document.model_copy(update={"relationships": tuple(inner)})
