# The hub and its command line in one image. Self-contained: the image needs no .NET runtime.
# BUILD_BASE needs the .NET 10 SDK, RUN_BASE a Debian 12 with apt; both may be replaced by images of your own registry.
ARG BUILD_BASE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUN_BASE=docker.io/library/debian:12-slim

FROM ${BUILD_BASE} AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Exchange.Server -c Release -r linux-x64 --self-contained -o /out/server \
 && dotnet publish src/Exchange.Cli -c Release -r linux-x64 --self-contained -o /out/cli

FROM ${RUN_BASE}
# PostgreSQL's binaries let `docker run` work without a database; with a connection string they are not started.
RUN mkdir -p /etc/postgresql-common/createcluster.d \
 && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/dataexchange.conf \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql-15 ca-certificates libssl3 libstdc++6 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 5400 --home-dir /var/lib/dataexchange --create-home exchange
COPY --from=build /out /opt/dataexchange
COPY samples /opt/dataexchange/cli/samples
RUN ln -s /opt/dataexchange/cli/exchange /usr/local/bin/exchange
ENV EXCHANGE_SERVER=/opt/dataexchange/server/Exchange.Server \
    EXCHANGE_DATA_DIRECTORY=/var/lib/dataexchange
USER exchange
WORKDIR /opt/dataexchange
VOLUME /var/lib/dataexchange
# gRPC (HTTP/2) and HTTP/1.1 for token endpoint and discovery.
EXPOSE 5400 5401
ENTRYPOINT ["/opt/dataexchange/server/Exchange.Server"]
